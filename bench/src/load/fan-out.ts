import type { RawConnection } from "../http2/connection.ts";
import { eventsIn, subscribe } from "./subscriber.ts";

export interface FanOutOptions {
  /** One for each subscriber. */
  readonly subscribing: readonly RawConnection[];
  readonly eventsPerAppend: number;
  /** Appends that are not yet delivered to everyone. */
  readonly window: number;
  /** Sends the next append; its answer does not matter. */
  readonly append: () => void;
}

/** Live subscribers that all get everything, and appends that wait for the slowest of them. */
export class FanOut {
  readonly #options: FanOutOptions;
  /** Events that each subscriber got in this run. */
  #counts: Float64Array;
  /** Subscribers that have the next append that is not complete. */
  #reached = 0;
  #begun = 0;
  #complete = 0;
  #endMs = 0;
  #done: PromiseWithResolvers<void> = Promise.withResolvers();

  private constructor(options: FanOutOptions) {
    this.#options = options;
    this.#counts = new Float64Array(options.subscribing.length);
  }

  /** Resolves when all subscribers are live. */
  static async start(options: FanOutOptions): Promise<FanOut> {
    const fanOut = new FanOut(options);
    await Promise.all(
      options.subscribing.map((connection, i) => {
        const { confirmed } = subscribe(connection, {
          start: "end",
          onEvents: (frame) => fanOut.#delivered(i, eventsIn(frame)),
          onError: (error) => fanOut.#done.reject(error),
        });
        return confirmed;
      }),
    );
    return fanOut;
  }

  /** How many events were delivered, to all together, and in which time. */
  async run(seconds: number): Promise<{ events: number; seconds: number }> {
    const { subscribing, eventsPerAppend, window } = this.#options;
    const startedMs = performance.now();
    this.#endMs = startedMs + seconds * 1000;
    this.#counts = new Float64Array(subscribing.length);
    this.#reached = this.#begun = this.#complete = 0;
    this.#done = Promise.withResolvers();
    for (let i = 0; i < window; i++) this.#begin();
    await this.#done.promise;
    const events = this.#complete * eventsPerAppend * subscribing.length;
    return { events, seconds: (performance.now() - startedMs) / 1000 };
  }

  #begin(): void {
    this.#begun++;
    this.#options.append();
  }

  #delivered(subscriber: number, events: number): void {
    const before = this.#counts[subscriber] as number;
    this.#counts[subscriber] = before + events;
    if (before < this.#target && before + events >= this.#target) this.#reached++;
    while (this.#reached === this.#counts.length) this.#completeOne();
  }

  /** Events that a subscriber has when it has the next append that is not complete. */
  get #target(): number {
    return (this.#complete + 1) * this.#options.eventsPerAppend;
  }

  #completeOne(): void {
    this.#complete++;
    const target = this.#target;
    this.#reached = this.#counts.filter((count) => count >= target).length;
    if (performance.now() < this.#endMs) this.#begin();
    else if (this.#complete === this.#begun) this.#done.resolve();
  }
}
