import type { Random } from "../random.ts";

const DEPTH_MAX = 20_000;
const RUN_BYTES_MAX = 40;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;

type Mutation = (bytes: Buffer, random: Random) => Buffer;

/** Breaks an encoded message in one to four places, or leaves it as it is. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes;
  for (let i = random.integer(0, 4); i > 0; i--) mutated = random.pick(mutations)(mutated, random);
  return mutated;
}

/** Changes bytes, wherever they are. */
export function flip(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  for (let i = random.integer(1, 4); i > 0 && flipped.length > 0; i--) {
    const at = random.integer(0, flipped.length - 1);
    flipped[at] = (flipped[at] as number) ^ (1 << random.integer(0, 7));
  }
  return flipped;
}

const mutations: readonly Mutation[] = [
  flip,
  // Cut off.
  (bytes, random) => bytes.subarray(0, random.integer(0, bytes.length)),
  // A run is gone, or is there twice.
  (bytes, random) => splice(bytes, random, Buffer.alloc(0), random.integer(1, RUN_BYTES_MAX)),
  (bytes, random) => {
    const at = random.integer(0, bytes.length);
    return splice(bytes, random, bytes.subarray(at, at + random.integer(1, RUN_BYTES_MAX)), 0);
  },
  // Something else between.
  (bytes, random) => splice(bytes, random, anyBytes(random, RUN_BYTES_MAX), 0),
  // Not UTF-8.
  (bytes, random) => splice(bytes, random, Buffer.of(0xc3, 0x28), 2),
  // A length, or a number, of more than there is.
  (bytes, random) => splice(bytes, random, hugeNumber(random), random.integer(0, 2)),
  // Another wire type, or field.
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[0] = random.integer(0, 255);
    return changed;
  },
  // Fields that nobody knows.
  (bytes, random) => Buffer.concat([bytes, unknownField(random)]),
  (bytes, random) => Buffer.concat([unknownField(random), bytes]),
  // Deep nesting.
  (bytes, random) => Buffer.concat([bytes, nested(random)]),
  (bytes, random) => Buffer.concat([bytes, groups(random)]),
];

/** In place of `removed` bytes, somewhere. */
function splice(bytes: Buffer, random: Random, inserted: Uint8Array, removed: number): Buffer {
  const at = random.integer(0, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

export function anyBytes(random: Random, lengthMax: number): Buffer {
  const length = random.integer(0, lengthMax);
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}

function hugeNumber(random: Random): Buffer {
  return Buffer.concat([Buffer.alloc(random.integer(4, 12), 0xff), Buffer.of(0x0f)]);
}

/** Also of numbers and types that there cannot be. */
function unknownField(random: Random): Buffer {
  const tag = varint((random.integer(0, 5000) << 3) | random.integer(0, 7));
  return Buffer.concat([tag, anyBytes(random, 12)]);
}

/** A message in a message in a message, each in the same field. */
function nested(random: Random): Buffer {
  const tag = varint((random.integer(1, 20) << 3) | LENGTH_DELIMITED);
  const parts: Buffer[] = [];
  let length = 0;
  for (let i = random.integer(1, DEPTH_MAX / 10); i > 0; i--) {
    const prefix = Buffer.concat([tag, varint(length)]);
    parts.push(prefix);
    length += prefix.length;
  }
  return Buffer.concat(parts.reverse());
}

/** Groups in groups, which nobody uses any more, and most of them without an end. */
function groups(random: Random): Buffer {
  const tag = varint((random.integer(1, 20) << 3) | START_GROUP);
  return Buffer.concat(Array<Buffer>(random.integer(1, DEPTH_MAX)).fill(tag));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
