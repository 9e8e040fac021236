import { createHash } from "node:crypto";

/**
 * Names each line of a file by everything in the file up to and including it:
 * a chain of SHA-256, each link over the one before and the line. The same
 * file, or the file after it has grown, gives the same ids again.
 */
export class LineIdentity {
  #link: Buffer = Buffer.alloc(0);

  /** Takes in the next line. Every line but blank ones counts, in order. */
  add(line: Uint8Array): void {
    this.#link = createHash("sha256").update(this.#link).update(line).digest();
  }

  /** The id of the line that was taken in last: a UUID of version 8. */
  get uuid(): string {
    const bytes = Buffer.from(this.#link.subarray(0, 16));
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
}
