import crc32c from "crc-32/crc32c.js";

const MASK_DELTA = 0xa282ead8;

/** The CRC-32C of bytes in the form that LevelDB stores: rotated, and with a constant added. */
export function maskedCrc32c(bytes: Uint8Array): number {
  return mask(crc32c.buf(bytes));
}

/** The masked CRC-32C of each beginning of some bytes: of the first one, the first two … */
export function* maskedCrc32cOfBeginnings(bytes: Uint8Array): Generator<number> {
  let crc = 0;
  for (let at = 0; at < bytes.length; at++) {
    crc = crc32c.buf(bytes.subarray(at, at + 1), crc);
    yield mask(crc);
  }
}

function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
