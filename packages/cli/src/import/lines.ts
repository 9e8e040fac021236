import { BadLineError } from "./bad-line.js";

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

/**
 * Cuts a stream of bytes into lines. Holds one line at a time. A line ends
 * with LF or CR LF, the last one also with the input. Throws `BadLineError` for a line longer than 16 MiB.
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
    if (begunBytes > maxLineBytes) throw tooLong();
  }
  if (begunBytes > 0) yield finish(Buffer.alloc(0));
}

function trim(bytes: Buffer, number: number): Buffer {
  const marked = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
  const returned = bytes.at(-1) === carriageReturn;
  return bytes.subarray(marked ? byteOrderMark.length : 0, bytes.length - (returned ? 1 : 0));
}

function tooLong(): BadLineError {
  return new BadLineError(`it is longer than ${maxLineBytes / 1024 / 1024} MiB`);
}

/** Whether a line says nothing. */
export function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
