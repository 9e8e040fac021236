/** Longer texts are rarely the same again. */
const BYTES_MAX = 64;
const PLACES = 4096;
const REPLACEMENT = "\ufffd";
const strict = new TextDecoder("utf-8", { fatal: true });

interface KnownText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Texts that were read before. Events name the same streams, types and tags over and
 * over: to find a text again costs a fraction of making it anew, and saves its memory.
 */
const known: (KnownText | undefined)[] = new Array(PLACES).fill(undefined);

/** The text that some bytes stand for; `undefined` if they are not UTF-8. */
export function textOf(message: Buffer, start: number, end: number): string | undefined {
  if (end - start > BYTES_MAX) return decode(message, start, end);
  const place = placeOf(message, start, end);
  const found = known[place];
  if (found && isSame(found.bytes, message, start, end)) return found.text;
  const text = decode(message, start, end);
  if (text === undefined) return undefined;
  known[place] = { bytes: Uint8Array.prototype.slice.call(message, start, end), text };
  return text;
}

function decode(message: Buffer, start: number, end: number): string | undefined {
  const text = message.toString("utf8", start, end);
  // What is not UTF-8 is replaced; but the replacement may have been sent, too.
  return text.includes(REPLACEMENT) && !isUtf8(message.subarray(start, end)) ? undefined : text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** By FNV-1a. */
function placeOf(message: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ (message[at] as number), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (PLACES - 1);
}

function isSame(bytes: Uint8Array, message: Buffer, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== message[start + i]) return false;
  return true;
}
