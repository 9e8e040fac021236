import { InvalidArgumentError } from "commander";

const isoDate = /^(?<year>[+-]?\d{4,6})-(?<month>\d\d?)-(?<day>\d\d?)(?!\d)/;

// `Date` finds a time in almost any text, "hello 5" included, so that only
// words that belong into a time may stand in one.
const shortWords = ["t", "z", "am", "pm", "utc", "gmt"];
const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const months = [
  ...["january", "february", "march", "april", "may", "june"],
  ...["july", "august", "september", "october", "november", "december"],
];

const earliest = new Date("0001-01-01T00:00:00Z");
const latest = new Date("9999-12-31T23:59:59.999Z");

/**
 * A time in the years 1 to 9999: ISO 8601, or another form that `Date` understands and that names the
 * year in full. A date alone means midnight UTC; a time without a zone is
 * local. What is finer than a millisecond is dropped.
 */
export function parseTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !isTimeText(text)) {
    throw new InvalidArgumentError("It must be a time, such as 2026-01-02T15:04:05Z.");
  }
  if (time < earliest || time > latest) {
    throw new InvalidArgumentError("It must be in the years 1 to 9999.");
  }
  return time;
}

function isTimeText(text: string): boolean {
  const words = text.match(/\p{L}+/gu) ?? [];
  const hasYear = /(?<!\d)\d{4,6}(?!\d)/.test(text);
  return hasYear && words.every(isTimeWord) && isRealDay(text);
}

/** In full or shortened to three letters or more. */
function isTimeWord(word: string): boolean {
  const lower = word.toLowerCase();
  if (shortWords.includes(lower)) return true;
  return lower.length >= 3 && [...days, ...months].some((name) => name.startsWith(lower));
}

/** `Date` takes 30 February for 2 March; this does not. */
export function isRealDay(text: string): boolean {
  const match = isoDate.exec(text.trim());
  if (match?.groups === undefined) return true;
  const { year, month, day } = match.groups;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCDate() === Number(day);
}
