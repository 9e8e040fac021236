/**
 * What could make a terminal do something, or show a text in another order than it has:
 * control characters, line and paragraph separators, and marks of direction.
 */
const hostile = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text with whatever could do something to a terminal as an escape: `\u001b`. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(hostile, escaped);
}

/** The same of a text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
