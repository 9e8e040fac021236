import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LimitsSchema } from "@varve/proto";

/** What one request may hold. Each is a setting of the server. */
export interface Limits {
  /** Bytes of one event's data. */
  readonly eventDataBytesMax: number;
  /** Bytes of one append's request, all events included. */
  readonly appendBytesMax: number;
  /** Events in one append. */
  readonly appendEventsMax: number;
  /** Bytes of a stream's name. */
  readonly streamNameBytesMax: number;
  /** Bytes of an event's type, and of a snapshot's schema type. */
  readonly typeBytesMax: number;
  /** Bytes of an event's metadata. */
  readonly metadataBytesMax: number;
  /** Tags of one event. */
  readonly tagsMax: number;
  /** Bytes of one tag. */
  readonly tagBytesMax: number;
  /** Bytes of a snapshot's data. */
  readonly snapshotBytesMax: number;
  /**
   * Look-ups for the query conditions of one append: entries of the index, and events, that
   * are looked at. What a condition costs is that of the rarest name of each clause, after
   * the condition's `after`.
   */
  readonly conditionLookUpsMax: number;
}

export const defaultLimits: Limits = {
  eventDataBytesMax: 1024 * 1024,
  appendBytesMax: 4 * 1024 * 1024,
  appendEventsMax: 4096,
  streamNameBytesMax: 512,
  typeBytesMax: 256,
  metadataBytesMax: 64 * 1024,
  tagsMax: 32,
  tagBytesMax: 256,
  snapshotBytesMax: 1024 * 1024,
  conditionLookUpsMax: 300_000,
};

/** Bounds that protect the server and are not settings. */
export const CONTENT_TYPE_BYTES_MAX = 256;
export const CONDITIONS_MAX = 64;
export const FILTER_CLAUSES_MAX = 32;
export const FILTER_TYPES_MAX = 64;

const MESSAGE_BYTES_MIN = 16 * 1024 * 1024;

/**
 * Bytes of one message that a transport takes. What is larger it refuses without a
 * reason and in the middle of sending; up to here what is too large is told so, and
 * a frame of appends has room for several.
 */
export function messageBytesMax({ appendBytesMax, snapshotBytesMax }: Limits): number {
  return Math.max(MESSAGE_BYTES_MIN, 4 * Math.max(appendBytesMax, snapshotBytesMax));
}

/** Everything that bounds a request, as `GetStatus` tells it. */
export function limitsMessage(limits: Limits): MessageInitShape<typeof LimitsSchema> {
  return {
    eventDataBytesMax: BigInt(limits.eventDataBytesMax),
    appendBytesMax: BigInt(limits.appendBytesMax),
    appendEventsMax: BigInt(limits.appendEventsMax),
    streamNameBytesMax: BigInt(limits.streamNameBytesMax),
    typeBytesMax: BigInt(limits.typeBytesMax),
    metadataBytesMax: BigInt(limits.metadataBytesMax),
    tagsMax: BigInt(limits.tagsMax),
    tagBytesMax: BigInt(limits.tagBytesMax),
    snapshotBytesMax: BigInt(limits.snapshotBytesMax),
    messageBytesMax: BigInt(messageBytesMax(limits)),
    conditionsMax: BigInt(CONDITIONS_MAX),
    filterClausesMax: BigInt(FILTER_CLAUSES_MAX),
    filterTypesMax: BigInt(FILTER_TYPES_MAX),
    conditionLookUpsMax: BigInt(limits.conditionLookUpsMax),
  };
}
