import { createHash, hash } from "node:crypto";
import { Occurrences } from "./occurrences.js";

/** What a line is known by. */
export interface LineIds {
  /** Of the event. */
  readonly id: string;
  /** Of its append: the same line, imported again, has the same. */
  readonly appendId: string;
}

/** What a line says of itself. */
export interface LineClaim {
  readonly id?: string | undefined;
  readonly position?: string | undefined;
}

/**
 * Names the lines of a file, so that a line is known when the file, or the file after it
 * has grown, is imported again:
 *
 * - A line without an id by everything in the file up to and including it: a chain of
 *   SHA-256, each link over the one before and the line.
 * - A line with an id by it. Ids may repeat in a log, so that a position, if the line says
 *   one, counts too; and if it does not, how many lines with this id came before.
 */
export class LineIdentity {
  #link: Buffer = Buffer.alloc(0);
  readonly #occurrences = new Occurrences();

  /** Takes in the next line. Every line but blank ones counts, in order. */
  next(line: Uint8Array, { id, position }: LineClaim): LineIds {
    this.#link = createHash("sha256").update(this.#link).update(line).digest();
    if (id === undefined) {
      const uuid = uuidOf(this.#link);
      return { id: uuid, appendId: uuid };
    }
    return { id, appendId: this.#appendIdOf(id.toLowerCase(), position) };
  }

  #appendIdOf(id: string, position: string | undefined): string {
    if (position !== undefined) return derivedFrom(`${id} at position ${position}`);
    const occurrence = this.#occurrences.count(id);
    return occurrence === 1 ? id : derivedFrom(`${id} for the time ${occurrence}`);
  }
}

function derivedFrom(text: string): string {
  return uuidOf(hash("sha256", text, "buffer"));
}

/** A UUID of version 8 that begins as the bytes do. */
function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  const parts = [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ] as const;
  return parts.map(([start, end]) => hex.slice(start, end)).join("-");
}
