import {
  type AppendInit,
  atRevision,
  type ConditionInit,
  type NewEventInit,
  newEvent,
  noMatch,
  noStream,
  streamExists,
} from "../../src/support/requests.ts";
import type { Random } from "../random.ts";
import { anyClauses } from "./clauses.ts";
import type { Knowledge } from "./knowledge.ts";
import { anyStream, anyTag, anyType, uniqueTag } from "./names.ts";

/** Sizes of what is appended. */
export interface AppendSizes {
  /** Of the data of an ordinary event, bytes. */
  readonly dataBytesMax: number;
  /** Of the data of a large one, bytes. */
  readonly largeBytesMax: number;
}

interface Parts {
  readonly events: NewEventInit[];
  readonly conditions?: ConditionInit[];
}

const POOL_BYTES = 2 * 1024 * 1024;

/** Bytes that compression cannot make small: what is meant to be large stays so. */
export function bytesForData(random: Random): Uint8Array {
  const words = new Uint32Array(POOL_BYTES / 4).map(() => random.integer(0, 2 ** 32 - 1));
  return new Uint8Array(words.buffer);
}

/** Makes up appends: plain and conditional ones, some of them bound to conflict. */
export class AppendMaker {
  readonly #client: number;
  readonly #random: Random;
  readonly #knowledge: Knowledge;
  readonly #sizes: AppendSizes;
  readonly #pool: Uint8Array;

  /** `pool`: bytes of which data is made. */
  constructor(
    client: number,
    random: Random,
    knowledge: Knowledge,
    { sizes, pool }: { readonly sizes: AppendSizes; readonly pool: Uint8Array },
  ) {
    this.#client = client;
    this.#random = random;
    this.#knowledge = knowledge;
    this.#sizes = sizes;
    this.#pool = pool;
  }

  /** What to send next: something new, or now and then what was sent before. */
  next(): AppendInit {
    const unresolved = this.#knowledge.takeUnresolved();
    if (unresolved) return unresolved;
    const before = this.#random.chance(0.02)
      ? this.#knowledge.acknowledgedBefore(this.#random)
      : undefined;
    return before ?? { appendId: this.#random.uuid(), ...this.#parts() };
  }

  #parts(): Parts {
    const kind = this.#random.number();
    if (kind < 0.25) return { events: [this.#event(this.#stream())] };
    if (kind < 0.4) return { events: this.#batch(this.#stream()) };
    if (kind < 0.55) return { events: this.#overStreams() };
    if (kind < 0.58) return { events: this.#large() };
    return this.#conditional();
  }

  #conditional(): Parts {
    const stream = this.#stream();
    switch (this.#random.integer(1, 8)) {
      case 1:
      case 2:
        return { events: this.#few(stream), conditions: [this.#knownState(stream)] };
      case 3:
        return { events: this.#few(stream), conditions: [this.#wrongState(stream)] };
      case 4:
        return this.#newStream();
      case 5:
        return this.#unique();
      case 6:
      case 7:
        return { events: this.#few(stream), conditions: [this.#nothingSince()] };
      default:
        return this.#severalConditions(stream);
    }
  }

  /** As last seen: a conflict if another client was faster. */
  #knownState(stream: string): ConditionInit {
    const revision = this.#knowledge.revisionOf(stream);
    return revision === undefined ? noStream(stream) : atRevision(stream, revision);
  }

  /** In most cases a conflict. */
  #wrongState(stream: string): ConditionInit {
    const revision = this.#knowledge.revisionOf(stream);
    if (revision === undefined) return streamExists(stream);
    if (this.#random.chance(0.3)) return noStream(stream);
    return atRevision(stream, Math.max(0, revision + this.#random.pick([-1, 1, 5])));
  }

  #newStream(): Parts {
    const stream = this.#knowledge.freshStream(this.#random);
    return { events: this.#batch(stream), conditions: [noStream(stream)] };
  }

  /** The first event with this tag wins, over the whole log. */
  #unique(): Parts {
    const tag = uniqueTag(this.#random);
    const event = this.#event(this.#stream(), [tag]);
    return { events: [event], conditions: [noMatch([{ tags: [tag] }])] };
  }

  /** After a position that is known to be durable. */
  #nothingSince(): ConditionInit {
    return noMatch(anyClauses(this.#random), this.#knownPosition());
  }

  /** Also of streams that the append does not write. */
  #severalConditions(stream: string): Parts {
    const other = this.#stream();
    const conditions = [this.#knownState(stream), this.#nothingSince()];
    if (other !== stream) {
      const exists = this.#random.chance(0.5);
      conditions.push(exists ? streamExists(other) : this.#knownState(other));
    }
    return { events: [...this.#few(stream), this.#event(this.#stream())], conditions };
  }

  #knownPosition(): number {
    const back = this.#random.chance(0.7) ? 0 : this.#random.integer(1, 50);
    return Math.max(0, this.#knowledge.headMax - back);
  }

  #few(stream: string): NewEventInit[] {
    return this.#run(stream, this.#random.integer(1, 3));
  }

  #batch(stream: string): NewEventInit[] {
    return this.#run(stream, this.#random.integer(2, 25));
  }

  #overStreams(): NewEventInit[] {
    const streams = Array.from({ length: this.#random.integer(2, 6) }, () => this.#stream());
    const count = this.#random.integer(streams.length, 20);
    return Array.from({ length: count }, () => this.#event(this.#random.pick(streams)));
  }

  #large(): NewEventInit[] {
    const bytes = this.#random.integer(16 * 1024, this.#sizes.largeBytesMax);
    const stream = this.#stream();
    if (this.#random.chance(0.5)) return [this.#event(stream, [], bytes)];
    return this.#run(stream, this.#random.integer(50, 200));
  }

  #run(stream: string, count: number): NewEventInit[] {
    return Array.from({ length: count }, () => this.#event(stream));
  }

  #stream(): string {
    return anyStream(this.#random, this.#client);
  }

  #event(stream: string, tags: readonly string[] = [], bytes?: number): NewEventInit {
    const random = this.#random;
    const size = bytes ?? random.integer(0, this.#sizes.dataBytesMax);
    const start = random.integer(0, POOL_BYTES - 1 - size);
    return newEvent(stream, {
      id: random.uuid(),
      type: anyType(random),
      data: this.#pool.subarray(start, start + size),
      ...(random.chance(0.3) && { contentType: "application/octet-stream" }),
      ...(random.chance(0.2) && { metadata: `{"actor":"client-${this.#client}"}` }),
      tags: this.#tags(tags),
    });
  }

  /** Now and then one of them twice: it is stored as it is sent. */
  #tags(wanted: readonly string[]): string[] {
    const random = this.#random;
    const tags = [...wanted, ...(random.chance(0.7) ? [anyTag(random)] : [])];
    return random.chance(0.1) ? [...tags, ...tags] : tags;
  }
}
