import type { RawConnection } from "../http2/connection.ts";
import { MessageReader } from "../http2/message-reader.ts";
import { percentile } from "../statistics.ts";
import { lastPosition } from "./conditional-requests.ts";
import { eventsIn, type RunningSubscription, subscribe } from "./subscriber.ts";

/** One append of one event, by the clock of this process, ms. */
interface Acknowledged {
  readonly position: number;
  readonly sentMs: number;
  readonly ackedMs: number;
}

/** All in ms. */
export interface DeliveryTimes {
  /** From acknowledged to delivered; may be negative. */
  readonly afterAck: { readonly p50: number; readonly p99: number };
  /** From sent to delivered. */
  readonly afterSending: { readonly p50: number; readonly least: number };
}

export interface DeliveriesOptions {
  readonly appending: RawConnection;
  readonly subscribing: RawConnection;
  /** Whether answers say their positions; if not, they come in the order of the events. */
  readonly answersHavePositions: boolean;
}

/**
 * Follows appends of one event from where they are sent to where they are delivered,
 * in one process, so that one clock tells all times. Nobody else may append.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #acks: Acknowledged[] = [];
  readonly #deliveredMs: number[] = [];
  readonly #done = Promise.withResolvers<void>();
  readonly #subscription: RunningSubscription;
  #begun = 0;
  #ended = false;

  private constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#subscription = subscribe(options.subscribing, {
      start: "end",
      onEvents: (frame) => this.#delivered(eventsIn(frame)),
      onError: this.#done.reject,
    });
  }

  /** Resolves when the subscriber is live. */
  static async start(options: DeliveriesOptions): Promise<Deliveries> {
    const deliveries = new Deliveries(options);
    await deliveries.#subscription.confirmed;
    return deliveries;
  }

  append(path: string, request: Buffer): void {
    this.#begun++;
    const sentMs = performance.now();
    let position = 0;
    const reader = new MessageReader((answer) => {
      const { answersHavePositions } = this.#options;
      position = answersHavePositions ? lastPosition(answer) : this.#acks.length;
    });
    this.#options.appending.call(path, request, {
      data: (bytes) => reader.push(bytes),
      end: (error) => {
        if (error) this.#done.reject(error);
        this.#acks.push({ position, sentMs, ackedMs: performance.now() });
        this.#check();
      },
    });
  }

  /** Resolves when everything has been acknowledged and delivered. */
  async end(): Promise<DeliveryTimes> {
    this.#ended = true;
    this.#check();
    await this.#done.promise;
    this.#subscription.end();
    // Nothing else was appended: the events came in the order of these.
    const acks = this.#acks.toSorted((a, b) => a.position - b.position);
    const deliveredMs = this.#deliveredMs;
    const afterAck = acks.map(({ ackedMs }, i) => (deliveredMs[i] as number) - ackedMs);
    const afterSending = acks.map(({ sentMs }, i) => (deliveredMs[i] as number) - sentMs);
    return {
      afterAck: { p50: percentile(afterAck, 50), p99: percentile(afterAck, 99) },
      afterSending: { p50: percentile(afterSending, 50), least: percentile(afterSending, 0) },
    };
  }

  #delivered(events: number): void {
    const nowMs = performance.now();
    for (let i = 0; i < events; i++) this.#deliveredMs.push(nowMs);
    this.#check();
  }

  #check(): void {
    const count = this.#begun;
    const all = this.#acks.length === count && this.#deliveredMs.length === count;
    if (this.#ended && all) this.#done.resolve();
  }
}
