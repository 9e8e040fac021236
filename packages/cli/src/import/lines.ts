/** Longer than any event that a server takes, however its JSON is escaped. */
const maxLineBytes = 16 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from("\ufeff");

export interface Line {
  /** Counted from 1, empty lines included. */
  readonly number: number;
  /** Without the line's end, and without a byte order mark. */
  readonly bytes: Buffer;
  /** Bytes of the input up to here. */
  readonly readBytes: number;
}

/** A line is longer than can be held. */
export class LineTooLongError extends Error {
  override readonly name = "LineTooLongError";
  readonly line: number;

  constructor(line: number) {
    super(`the line is longer than ${maxLineBytes / 1024 / 1024} MiB`);
    this.line = line;
  }
}

/**
 * Cuts a stream of bytes into lines. Holds one line at a time. A line ends
 * with LF or CR LF, the last one also with the input.
 */
export async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let readBytes = 0;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const finish = (end: Buffer): Line => {
    number += 1;
    const bytes = begun.length === 0 ? end : Buffer.concat([...begun, end]);
    begun = [];
    begunBytes = 0;
    return { number, bytes: trim(bytes, number), readBytes };
  };
  for await (const chunk of input) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      readBytes += end + 1 - start;
      yield finish(piece.subarray(start, end));
      start = end + 1;
    }
    if (start < piece.length) begun.push(piece.subarray(start));
    readBytes += piece.length - start;
    begunBytes += piece.length - start;
    if (begunBytes > maxLineBytes) throw new LineTooLongError(number + 1);
  }
  if (begunBytes > 0) yield finish(Buffer.alloc(0));
}

function trim(bytes: Buffer, number: number): Buffer {
  const marked = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
  const returned = bytes.at(-1) === carriageReturn;
  return bytes.subarray(marked ? byteOrderMark.length : 0, bytes.length - (returned ? 1 : 0));
}
