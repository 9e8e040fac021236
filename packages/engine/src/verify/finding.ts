import { DamagedEntryError } from "../errors.js";
import { KeySpace, NAME_END } from "../format/constants.js";

/**
 * What is wrong at a place, in one word for programs. Documented for users in
 * `docs/verify.md`.
 */
export type FindingKind =
  /** A block is not what was written: its checksum, its format, its key. */
  | "block-damaged"
  /** Positions that no block holds. */
  | "block-missing"
  /** A block that does not follow on the one before: by position, chain or time. */
  | "block-order"
  /** An event of a block that is whole does not say what it must. */
  | "event-damaged"
  /** An entry beside the log is not what was written. */
  | "entry-damaged"
  /** An entry that the log, or another entry, demands is not there. */
  | "entry-missing"
  /** An entry is whole, and says something else than the log. */
  | "entry-wrong"
  /** An entry that nothing accounts for. */
  | "entry-unaccounted"
  /** An entry that tells of positions after the head: the end of the log is lost. */
  | "beyond-head"
  /** The index leaves out revisions of a stream. */
  | "revision-gap"
  /** The format number is missing or unknown. */
  | "format"
  /** A key of no known form. */
  | "key-unknown"
  /** The database cannot read a part of what it holds. */
  | "unreadable";

/** A place of a database that is not as it must be. */
export interface Finding {
  readonly kind: FindingKind;
  /** A sentence for people. */
  readonly message: string;
  /** Of the block or event, or the first of several. */
  readonly position?: number;
  /** Of the entry, in hexadecimal. */
  readonly key?: string;
  readonly stream?: string;
  /** A category, type or tag. */
  readonly term?: string;
}

/** Collects findings until someone takes them. */
export class Findings {
  #waiting: Finding[] = [];
  #count = 0;

  /** How many there have been. */
  get count(): number {
    return this.#count;
  }

  add(finding: Finding): void {
    this.#waiting.push(finding);
    this.#count++;
  }

  /** Those that nobody has taken yet. */
  take(): readonly Finding[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}

/** Why an entry beside the log is damaged, in words. */
export function whyDamaged(error: unknown): string {
  return error instanceof DamagedEntryError ? "checksum does not match" : (error as Error).message;
}

const NUMBER_BYTES = 8;

/** The key of an entry, and the name in it if it has one, for a finding. */
export function placeOf(key: Buffer): Pick<Finding, "key" | "stream" | "term"> {
  const place = { key: key.toString("hex") };
  if (key[0] === KeySpace.snapshot) return { ...place, stream: key.toString("utf8", 1) };
  const name = nameIn(key);
  if (name === undefined) return place;
  return key[0] === KeySpace.stream ? { ...place, stream: name } : { ...place, term: name };
}

/** The name in a key that has one and ends with a number. */
function nameIn(key: Buffer): string | undefined {
  const spaces: readonly (number | undefined)[] = [
    KeySpace.stream,
    KeySpace.category,
    KeySpace.type,
    KeySpace.tag,
  ];
  return spaces.includes(key[0]) && isNamedKey(key)
    ? key.toString("utf8", 1, key.length - NUMBER_BYTES - 1)
    : undefined;
}

/** Whether a key has the form `space name 00 number`. */
export function isNamedKey(key: Buffer): boolean {
  const end = key.length - NUMBER_BYTES - 1;
  return end >= 1 && key[end] === NAME_END && isNumber(key);
}

/** Whether a key has the form `space number`. */
export function isNumberedKey(key: Buffer): boolean {
  return key.length === 1 + NUMBER_BYTES && isNumber(key);
}

/** No position or revision needs more than 53 bits. */
function isNumber(key: Buffer): boolean {
  return key.readUInt32BE(key.length - NUMBER_BYTES) < 0x20_0000;
}
