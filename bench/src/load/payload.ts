import { pickIndex, type Random } from "./random.ts";

/** What every event of the suite carries. */
export type Payload = {
  readonly customer: string;
  readonly amountCents: number;
  readonly express: boolean;
  readonly note: string;
};

/** Size of a payload as JSON, bytes. */
export const PAYLOAD_BYTES = 256;

/** An object that is exactly 256 bytes of JSON, most of them random. */
export function randomPayload(random: Random): Payload {
  const payload = {
    customer: randomText(random, 12),
    amountCents: pickIndex(random, 1_000_000),
    express: random() < 0.5,
    note: "",
  };
  const note = randomText(random, PAYLOAD_BYTES - JSON.stringify(payload).length);
  return { ...payload, note };
}

/** 64 of them: 6 bits each. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";
const LETTERS_PER_NUMBER = 5;

function randomText(random: Random, length: number): string {
  let text = "";
  while (text.length < length) {
    let bits = pickIndex(random, 64 ** LETTERS_PER_NUMBER);
    for (let i = 0; i < LETTERS_PER_NUMBER; i++, bits >>>= 6) text += LETTERS[bits & 63];
  }
  return text.slice(0, length);
}
