import type { Writable } from "node:stream";

/** Text is handed on in pieces of about this size. */
const pieceSizeChars = 64 * 1024;

/** Whoever read the output has gone away, as `head` does when it has enough. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}

export interface TextOutputOptions {
  /** Whether a person reads it. Default: false. */
  readonly isTerminal?: boolean;
  /** Whether another command may read it. Default: false. */
  readonly isPipe?: boolean;
  /** Whether colours may be used. Default: false. */
  readonly colours?: boolean;
}

/**
 * Lines of text on a stream. Lines that come at once leave in one write; a
 * line never waits for a later one.
 */
export class TextOutput {
  readonly stream: Writable;
  readonly isTerminal: boolean;
  readonly isPipe: boolean;
  readonly colours: boolean;
  #text = "";
  #scheduled: NodeJS.Immediate | undefined;
  #error: Error | undefined;

  constructor(stream: Writable, options: TextOutputOptions = {}) {
    this.stream = stream;
    this.isTerminal = options.isTerminal ?? false;
    this.isPipe = options.isPipe ?? false;
    this.colours = options.colours ?? false;
    stream.on("error", (error) => this.#fail(error));
  }

  /** Width of the terminal; 80 if it does not tell. */
  get columnsChars(): number {
    const { columns } = this.stream as Writable & { columns?: number };
    return columns !== undefined && columns > 0 ? columns : 80;
  }

  /**
   * Prints one line. Await the result before the next: it is a promise when
   * the reader is slower than the writer. Rejects with `OutputClosedError` if
   * nobody reads any more.
   */
  line(text: string): Promise<void> | undefined {
    this.#text += `${text}\n`;
    if (this.#text.length >= pieceSizeChars || this.stream.writableNeedDrain) return this.flush();
    this.#scheduled ??= setImmediate(() => void this.#write().catch(() => {}));
    return undefined;
  }

  /** Resolves when everything printed so far has left the process. */
  async flush(): Promise<void> {
    await this.#write();
    if (this.#error !== undefined) throw this.#error;
  }

  #write(): Promise<void> {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const text = this.#text;
    this.#text = "";
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.stream.write(text, (error) => (error ? reject(this.#fail(error)) : resolve()));
    });
  }

  #fail(error: Error): Error {
    const closed = ["EPIPE", "ERR_STREAM_DESTROYED"].includes(
      (error as NodeJS.ErrnoException).code ?? "",
    );
    this.#error ??= closed ? new OutputClosedError("The output was closed.") : error;
    return this.#error;
  }
}
