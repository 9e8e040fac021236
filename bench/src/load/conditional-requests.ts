import { create } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { AppendRequestSchema, type Condition, ConditionSchema, StreamState } from "@varve/proto";
import { appendRequest, encodeAppend, randomEvent, STREAMS, streamName } from "./events.ts";
import type { Random } from "./random.ts";
import type { Call } from "./unary-load.ts";
import { zipf } from "./zipf.ts";

export type ConditionKind = "none" | "revision" | "query";

export interface ConditionalRequestsOptions {
  readonly path: string;
  readonly condition: ConditionKind;
  /** Each event carries a tag of its stream's. */
  readonly tagged: boolean;
  /** Of the streams: nobody else may append to them. */
  readonly category: string;
}

/**
 * Appends of one event whose condition holds: the stream is at the revision, or no
 * event with the stream's tag came after the position, that the append before it was
 * answered with. A stream has one append on its way at a time; one that is drawn while
 * it has is passed over.
 */
export class ConditionalRequests {
  readonly #options: ConditionalRequestsOptions;
  readonly #random: Random;
  readonly #draw: () => number;
  /** One for each stream, made when it is first drawn. */
  readonly #unconditional: Buffer[] = [];
  readonly #busy = new Set<number>();
  readonly #revisions: Float64Array = new Float64Array(STREAMS).fill(-1);
  readonly #positions: Float64Array = new Float64Array(STREAMS);

  constructor(random: Random, options: ConditionalRequestsOptions) {
    this.#options = options;
    this.#random = random;
    this.#draw = zipf(STREAMS, random);
  }

  next(): Call {
    let number = this.#draw();
    while (this.#busy.has(number)) number = this.#draw();
    this.#busy.add(number);
    const unconditional = this.#unconditional[number] ?? this.#encode(number);
    this.#unconditional[number] = unconditional;
    const { path, condition } = this.#options;
    return {
      path,
      message:
        condition === "none"
          ? unconditional
          : Buffer.concat([unconditional, encodeCondition(this.#condition(number))]),
      answered: (answer) => {
        this.#busy.delete(number);
        this.#positions[number] = lastPosition(answer);
        (this.#revisions[number] as number) += 1;
      },
    };
  }

  #encode(number: number): Buffer {
    const stream = streamName(number, this.#options.category);
    const tags = this.#options.tagged ? [tagOf(stream)] : [];
    return encodeAppend(appendRequest([randomEvent(this.#random, stream, { tags })]));
  }

  #condition(number: number): Condition {
    const stream = streamName(number, this.#options.category);
    return this.#options.condition === "query"
      ? noneSince(tagOf(stream), this.#positions[number] as number)
      : atRevision(stream, this.#revisions[number] as number);
  }
}

function tagOf(stream: string): string {
  return `of:${stream}`;
}

function atRevision(stream: string, revision: number): Condition {
  const expected =
    revision < 0
      ? ({ case: "state", value: StreamState.NO_STREAM } as const)
      : ({ case: "revision", value: BigInt(revision) } as const);
  return create(ConditionSchema, { kind: { case: "stream", value: { stream, expected } } });
}

function noneSince(tag: string, after: number): Condition {
  const value = { filter: { anyOf: [{ tags: [tag] }] }, after: BigInt(after) };
  return create(ConditionSchema, { kind: { case: "query", value } });
}

/** Protobuf adds what is repeated: this, behind an encoded request, is a part of it. */
function encodeCondition(condition: Condition): Buffer {
  return encodeAppend(create(AppendRequestSchema, { conditions: [condition] }));
}

const LAST_POSITION = 2;

/** Of an encoded `AppendResponse`. */
export function lastPosition(answer: Buffer): number {
  const reader = new BinaryReader(answer);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === LAST_POSITION) return Number(reader.int64());
    reader.skip(wireType, field);
  }
  throw new Error("the answer has no position");
}
