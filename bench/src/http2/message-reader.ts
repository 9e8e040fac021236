const PREFIX_BYTES = 5;

/** Puts the messages of an answer together, wherever the pieces begin and end. */
export class MessageReader {
  readonly #onMessage: (message: Buffer) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** So many bytes before there is anything to do. */
  #needed: number = PREFIX_BYTES;

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < this.#needed) return;
    const [only, ...more] = this.#pieces;
    const rest = this.#take(only && more.length === 0 ? only : Buffer.concat(this.#pieces));
    this.#pieces = [rest];
    this.#bytes = rest.length;
  }

  /** Hands out the messages that are complete and returns what is left. */
  #take(bytes: Buffer): Buffer {
    let at = 0;
    this.#needed = PREFIX_BYTES;
    while (bytes.length - at >= PREFIX_BYTES) {
      const end = at + PREFIX_BYTES + bytes.readUInt32BE(at + 1);
      this.#needed = end - at;
      if (end > bytes.length) break;
      this.#onMessage(bytes.subarray(at + PREFIX_BYTES, end));
      at = end;
      this.#needed = PREFIX_BYTES;
    }
    return bytes.subarray(at);
  }
}
