import type { NewEvent } from "@varve/proto";
import { randomData, randomEvent, STREAMS, streamName } from "../load/events.ts";
import { pickIndex, type Random, shuffle } from "../load/random.ts";
import { zipf } from "../load/zipf.ts";
import {
  EVENTS_OF_TEN,
  isOfTen,
  RARE_SHARE,
  RARE_TAG,
  TEN_CATEGORY,
  tenEventStreams,
} from "./shape.ts";

/** Payloads come again, but so far apart that nothing can make use of it. */
const PAYLOADS = 8192;

/** The events of a database of so many, in the order of the log: the next at each call. */
export function logOf(count: number, random: Random): () => NewEvent {
  const draw = zipf(STREAMS, random);
  const tens = shuffledTens(count, random);
  const pool = Array.from({ length: PAYLOADS }, () => randomData(random));
  let ordinal = 0;
  let nextTen = 0;
  return () => {
    const ten = isOfTen(ordinal++) ? tens[nextTen++] : undefined;
    const stream = ten === undefined ? streamName(draw()) : streamName(ten, TEN_CATEGORY);
    const isRare = pickIndex(random, RARE_SHARE) === 0;
    const data = pool[pickIndex(random, PAYLOADS)] as Uint8Array;
    return randomEvent(random, stream, { data, tags: isRare ? [RARE_TAG] : [] });
  };
}

/** Each stream of ten, ten times, in an order of chance. */
function shuffledTens(count: number, random: Random): Uint32Array {
  const streams = tenEventStreams(count);
  const tens = Uint32Array.from({ length: streams * EVENTS_OF_TEN }, (_, i) => i % streams);
  shuffle(tens, random);
  return tens;
}
