import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** Narrower than this nothing is wrapped: it could not be read. */
const widthCharsMin = 20;

/** Fills up with spaces what is narrower, as a terminal shows it. */
export function padEnd(text: string, widthChars: number): string {
  return text + " ".repeat(Math.max(0, widthChars - stringWidth(text)));
}

/** The columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Lines that fit, broken between words, and inside of those that are longer than a line. */
export function wrap(text: string, widthChars: number): string[] {
  return wrapAnsi(text, Math.max(widthChars, widthCharsMin), { hard: true }).split("\n");
}

/** The same, but at most so many lines; the last one then ends with "…". */
export function wrapAtMost(text: string, widthChars: number, linesMax: number): string[] {
  const width = Math.max(widthChars, widthCharsMin);
  const shown = text.slice(0, width * linesMax).toWellFormed();
  const lines = wrap(shown, width);
  if (shown.length === text.length && lines.length <= linesMax) return lines;
  const kept = lines.slice(0, linesMax);
  const last = kept.pop() ?? "";
  return [...kept, `${widthOf(last) < width ? last : last.slice(0, -1)}…`];
}

/** Wraps each of several lines below its own beginning. */
export function wrapLines(text: string, widthChars: number): string[] {
  return text.split("\n").flatMap((line) => {
    const indent = " ".repeat(line.length - line.trimStart().length);
    return wrap(line.trimStart(), widthChars - indent.length).map((each) => indent + each);
  });
}
