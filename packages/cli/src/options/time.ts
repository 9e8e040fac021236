import { InvalidArgumentError } from "commander";

const isoDate = /^(?<year>[+-]?\d{4,6})-(?<month>\d\d?)-(?<day>\d\d?)(?!\d)/;

// `Date` finds a time in almost any text, "hello 5" included, so that only
// words that belong into a time may stand in one.
const timeWords =
  /^(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$|^(?:t|z|am|pm|utc|gmt)$/i;

/**
 * A time: ISO 8601, or another form that `Date` understands and that names the
 * year in full. A date alone means midnight UTC; a time without a zone is
 * local. What is finer than a millisecond is dropped.
 */
export function parseTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !isTimeText(text)) {
    throw new InvalidArgumentError("It must be a time, such as 2026-01-02T15:04:05Z.");
  }
  return time;
}

function isTimeText(text: string): boolean {
  const words = text.match(/\p{L}+/gu) ?? [];
  const hasYear = /(?<!\d)\d{4,6}(?!\d)/.test(text);
  return hasYear && words.every((word) => timeWords.test(word)) && isRealDay(text);
}

/** `Date` takes 30 February for 2 March; this does not. */
function isRealDay(text: string): boolean {
  const match = isoDate.exec(text.trim());
  if (match?.groups === undefined) return true;
  const { year, month, day } = match.groups;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCDate() === Number(day);
}
