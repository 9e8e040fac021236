const TEXT_BYTES = 36;
const HYPHEN = 0x2d;
const BYTES = 16;
const NO_DIGIT = 0xff;

/** The value of each hexadecimal digit, by its character. */
const digits: Uint8Array = new Uint8Array(256).fill(NO_DIGIT);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Whether some bytes are a UUID as text: 8-4-4-4-12 hexadecimal digits of either case. */
export function isUuid(message: Uint8Array, start: number, end: number): boolean {
  if (end - start !== TEXT_BYTES) return false;
  for (let i = 0; i < TEXT_BYTES; i++) {
    const char = message[start + i] as number;
    if (isHyphenPlace(i) ? char !== HYPHEN : digits[char] === NO_DIGIT) return false;
  }
  return true;
}

/** The bit that small letters, digits and hyphens have, and capital letters do not. */
const NO_CAPITAL = 0x20;

/** Whether a UUID has capital letters. REQUIRES: `isUuid`. */
export function hasCapitals(message: Uint8Array, start: number, end: number): boolean {
  let bits = NO_CAPITAL;
  for (let at = start; at < end; at++) bits &= message[at] as number;
  return bits === 0;
}

/** The 16 bytes of a UUID. REQUIRES: `isUuid`. */
export function uuidBytes(message: Uint8Array, start: number): Buffer {
  const bytes = Buffer.allocUnsafe(BYTES);
  for (let i = 0, at = start; i < BYTES; i++, at += 2) {
    if (message[at] === HYPHEN) at++;
    bytes[i] = (digitAt(message, at) << 4) | digitAt(message, at + 1);
  }
  return bytes;
}

function digitAt(message: Uint8Array, at: number): number {
  return digits[message[at] as number] as number;
}

function isHyphenPlace(i: number): boolean {
  return i === 8 || i === 13 || i === 18 || i === 23;
}
