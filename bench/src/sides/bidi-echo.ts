import { create } from "@bufbuild/protobuf";
import { type AppendStreamRequest, AppendStreamRequestSchema } from "@varve/proto";
import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { appendRequest, randomEvent, STREAMS, streamName } from "../load/events.ts";
import { randomUuid } from "../load/random.ts";
import { zipf } from "../load/zipf.ts";
import { metered, type Work } from "../machine/meter.ts";
import { connectClient } from "./sdk.ts";
import type { Target } from "./target.ts";

const POOL = 4096;

/**
 * B3: messages of one append each over one bidi call by the SDK's transport, so many
 * on their way at a time, each answered by one message; messages per second.
 */
export function bidiEcho(lab: Lab, target: Target, name: string, inFlight: number): Side {
  const client = connectClient(lab, target);
  const requests = pool(lab);
  const run = async (seconds: number): Promise<Work> => {
    const startedMs = performance.now();
    const window = new Window(inFlight);
    let events = 0;
    for await (const _ of client.appendStream(window.take(requests))) {
      events++;
      window.answered();
      if (performance.now() >= startedMs + seconds * 1000) window.close();
    }
    return { events, seconds: (performance.now() - startedMs) / 1000 };
  };
  return { name, measure: (seconds) => metered(target.pid, () => run(seconds)) };
}

/** Lets through so many messages that are not yet answered. */
class Window {
  #free: number;
  #closed = false;
  #wake: () => void = () => {};

  constructor(size: number) {
    this.#free = size;
  }

  answered(): void {
    this.#free++;
    this.#wake();
  }

  /** Lets no more through. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *take<T>(messages: readonly T[]): AsyncGenerator<T> {
    for (let i = 0; !this.#closed; i++) {
      if (this.#free === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#closed) return;
      this.#free--;
      yield messages[i % messages.length] as T;
    }
  }
}

function pool(lab: Lab): readonly AppendStreamRequest[] {
  const random = lab.random();
  const draw = zipf(STREAMS, random);
  return Array.from({ length: POOL }, (_, i) => {
    const event = randomEvent(random, streamName(draw()));
    const append = appendRequest([event], randomUuid(random));
    return create(AppendStreamRequestSchema, { appends: [{ correlation: BigInt(i), append }] });
  });
}
