import type { RecordedEvent, Subscription, SubscriptionFrame } from "@varve/client";

export type FrameKind = SubscriptionFrame["kind"];
export type FrameOf<Kind extends FrameKind> = Extract<SubscriptionFrame, { kind: Kind }>;

/** A subscription as a test sees it: frame by frame, and all that has come. */
export class Followed {
  /** All frames so far, in order. */
  readonly frames: SubscriptionFrame[] = [];
  /** All events so far, in order. */
  readonly events: RecordedEvent[] = [];
  readonly #iterator: AsyncIterator<SubscriptionFrame>;

  constructor(readonly subscription: Subscription) {
    this.#iterator = subscription.frames()[Symbol.asyncIterator]();
  }

  /** The kinds of all frames so far; several of events in a row count as one. */
  get kinds(): FrameKind[] {
    const kinds = this.frames.map(({ kind }) => kind);
    return kinds.filter((kind, i) => kind !== "events" || kinds[i - 1] !== "events");
  }

  /** The next frame. Throws how the subscription failed. */
  async next(): Promise<SubscriptionFrame> {
    const { done, value } = await this.#iterator.next();
    if (done === true) throw new Error("the subscription ended");
    this.frames.push(value);
    if (value.kind === "events") this.events.push(...value.events);
    return value;
  }

  /** Takes frames up to and including the first of a kind. */
  async until<Kind extends FrameKind>(kind: Kind): Promise<FrameOf<Kind>> {
    for (;;) {
      const frame = await this.next();
      if (isOf(frame, kind)) return frame;
    }
  }

  /** Takes frames until there are at least so many events in all. */
  async untilEvents(count: number): Promise<void> {
    while (this.events.length < count) await this.next();
  }
}

function isOf<Kind extends FrameKind>(
  frame: SubscriptionFrame,
  kind: Kind,
): frame is FrameOf<Kind> {
  return frame.kind === kind;
}
