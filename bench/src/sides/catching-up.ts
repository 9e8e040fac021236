import type { Side } from "../comparison/side.ts";
import type { RawConnection } from "../http2/connection.ts";
import type { Lab } from "../lab.ts";
import { eventsIn, type RunningSubscription, subscribe } from "../load/subscriber.ts";
import { metered, type Work } from "../machine/meter.ts";
import type { Run } from "./calls.ts";
import type { Target } from "./target.ts";

/** A load with readers beside it that catch up from the beginning, over and over. */
export async function besideReaders(
  lab: Lab,
  target: Target,
  options: { readonly name: string; readonly readers: number; readonly run: Run },
): Promise<Side> {
  const connections = await Promise.all(
    Array.from({ length: options.readers }, () => lab.connect(target.address)),
  );
  const run = async (seconds: number): Promise<Work> => {
    const readers = connections.map((connection) => new Reader(connection));
    const work = await options.run(seconds);
    const read = readers.reduce((sum, reader) => sum + reader.stop(), 0);
    return { ...work, details: { readPerSecond: read / work.seconds } };
  };
  return { name: options.name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

class Reader {
  readonly #connection: RawConnection;
  #subscription: RunningSubscription;
  #events = 0;
  #failure: Error | undefined;

  constructor(connection: RawConnection) {
    this.#connection = connection;
    this.#subscription = this.#begin();
  }

  /** How many events it has got. Throws if it broke. */
  stop(): number {
    this.#subscription.end();
    if (this.#failure) throw this.#failure;
    return this.#events;
  }

  #begin(): RunningSubscription {
    return subscribe(this.#connection, {
      start: "beginning",
      onEvents: (frame) => {
        this.#events += eventsIn(frame);
      },
      onCaughtUp: () => {
        this.#subscription.end();
        this.#subscription = this.#begin();
      },
      onError: (error) => {
        this.#failure = error;
      },
    });
  }
}
