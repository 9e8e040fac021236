import { type Duration, durationMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { Direction } from "@varve/proto";
import { type FieldViolation, invalidRequest } from "../errors.js";

const WORKSPACE = /^[a-z0-9][a-z0-9_-]{0,62}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Errors travel in HTTP/2 trailers, which many clients bound to 8 KiB. */
const VIOLATIONS_MAX = 16;

/** Collects every broken rule of a request, so that the caller learns of all (the first 16) at once. */
export class FieldChecks {
  readonly violations: FieldViolation[] = [];
  /** Ordinal of the event whose fields are being checked; their paths lie in it. */
  event: number | undefined;

  add(field: string, description: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    const path = this.event === undefined ? field : `events[${this.event}].${field}`;
    this.violations.push({ field: path, description });
  }

  /** Throws INVALID_REQUEST if anything was added. */
  throwIfAny(): void {
    if (this.violations.length > 0) throw invalidRequest(this.violations);
  }

  notUuid(field: string, value: string): void {
    this.add(field, `must be a UUID, is ${quote(value)}`);
  }

  /** A name: required, bounded, printable, not reserved. */
  name(
    field: string,
    value: string,
    bytesMax: number,
    bytes: number = Buffer.byteLength(value),
  ): void {
    if (value === "") this.add(field, "is required");
    this.bytes(field, bytes, bytesMax);
    if (CONTROL.test(value)) this.add(field, "must not have control characters");
    if (value.startsWith("$")) this.add(field, 'must not start with "$", which is reserved');
  }

  bytes(field: string, actual: number, maximum: number): void {
    if (actual > maximum) this.add(field, `must be at most ${maximum} bytes, is ${actual}`);
  }

  count(field: string, actual: number, maximum: number): void {
    if (actual > maximum) this.add(field, `must be at most ${maximum} elements, are ${actual}`);
  }

  /** A position, revision or count on the wire, as a number that is exact. */
  integer(field: string, value: bigint, minimum: number): number {
    if (value < BigInt(minimum)) this.add(field, `must be ${minimum} or more, is ${value}`);
    // Nothing is stored that far out: any such bound means the same.
    return value > MAX_SAFE ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  isBackwards(field: string, direction: Direction): boolean {
    if (Direction[direction] === undefined)
      this.add(field, `must be a known direction, is ${direction}`);
    return direction === Direction.BACKWARDS;
  }

  /** A time as protobuf has it: in the years 1 to 9999. */
  time(field: string, { seconds, nanos }: Timestamp): void {
    if (seconds < TIME_SECONDS_MIN || seconds > TIME_SECONDS_MAX) {
      this.add(
        field,
        `must be in the years 1 to 9999, which is at most ${TIME_SECONDS_MAX} seconds since 1970, has ${seconds} seconds`,
      );
    } else this.#nanos(field, nanos);
  }

  /** A duration as protobuf has it, in ms, within bounds of which none is negative. */
  duration(field: string, duration: Duration, minimumMs: number, maximumMs: number): number {
    const ms = durationMs(duration);
    if (duration.seconds < 0n || ms < minimumMs || ms > maximumMs) {
      this.add(field, `must be ${minimumMs} to ${maximumMs} ms, is ${ms}`);
    } else this.#nanos(field, duration.nanos);
    return ms;
  }

  /** The part below a second. That of a duration has the sign of its seconds. */
  #nanos(field: string, nanos: number): void {
    if (nanos < 0 || nanos > NANOS_MAX) {
      this.add(field, `must have 0 to ${NANOS_MAX} nanos, has ${nanos}`);
    }
  }

  optionalInteger(field: string, value: bigint | undefined, minimum: number): number | undefined {
    return value === undefined ? undefined : this.integer(field, value, minimum);
  }
}

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970. */
const TIME_SECONDS_MIN = -62_135_596_800n;
const TIME_SECONDS_MAX = 253_402_300_799n;
const NANOS_MAX = 999_999_999;

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The workspace that a request names. Throws INVALID_REQUEST. */
export function workspaceName(name: string): string {
  if (name === "") return DEFAULT_WORKSPACE;
  if (isWorkspaceName(name)) return name;
  throw invalidRequest([
    {
      field: "workspace",
      description: `must be 1 to 63 characters of a-z, 0-9, "-" and "_", starting with a letter or digit, is ${quote(name)}`,
    },
  ]);
}

/** Whether a workspace can have this name: one that is also safe as the name of a folder. */
export function isWorkspaceName(name: string): boolean {
  return WORKSPACE.test(name);
}

export const DEFAULT_WORKSPACE = "default";

/** For messages: as JSON, and short. */
function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}

/** The ms since 1970 that a time falls into; recorded times are whole ms. */
export function floorMs({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS);
}

/** The first whole ms since 1970 that is not before a time. */
export function ceilMs({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1000 + Math.ceil(nanos / NANOS_PER_MS);
}

const NANOS_PER_MS = 1_000_000;
