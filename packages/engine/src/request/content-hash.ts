import { hash } from "node:crypto";

const HASH_BYTES = 16;
/** Of a decimal number and its mark. */
const NUMBER_BYTES = 11;

/**
 * The first bytes of the SHA-256 of lists of parts of a message:
 *
 *     content := (count ";" (length ":" part){count})*       numbers are decimal
 */
export class ContentHash {
  #content: Buffer;
  #length = 0;

  constructor(private readonly message: Buffer) {
    // Enough for what most appends have: one event, and a condition.
    this.#content = Buffer.allocUnsafe(message.length + 4 * NUMBER_BYTES);
  }

  /** Adds a list. */
  add(parts: readonly { readonly start: number; readonly end: number }[]): this {
    let bytes = NUMBER_BYTES;
    for (const { start, end } of parts) bytes += NUMBER_BYTES + end - start;
    this.#makeRoom(bytes);
    this.#number(parts.length, ";");
    for (const { start, end } of parts) {
      this.#number(end - start, ":");
      this.#length += this.message.copy(this.#content, this.#length, start, end);
    }
    return this;
  }

  /** 16 bytes. */
  digest(): Buffer {
    // In one go: to begin a hash costs more than to copy what most appends have.
    const digest = hash("sha256", this.#content.subarray(0, this.#length), "buffer");
    return digest.subarray(0, HASH_BYTES);
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#content.length) return;
    const content = Buffer.allocUnsafe(this.#length + bytes);
    this.#content.copy(content, 0, 0, this.#length);
    this.#content = content;
  }

  #number(value: number, mark: string): void {
    this.#length += this.#content.write(value + mark, this.#length, "latin1");
  }
}
