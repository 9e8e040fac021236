import { styleText } from "node:util";

/** What a piece of a line means; how it looks is decided here alone. */
export type Tone =
  | "place"
  | "time"
  | "stream"
  | "type"
  | "tag"
  | "minor"
  | "good"
  | "warning"
  | "error";

export type Paint = (tone: Tone, text: string) => string;

const formats = {
  place: "yellow",
  time: "dim",
  stream: "cyan",
  type: "bold",
  tag: "magenta",
  minor: "dim",
  good: "green",
  warning: "yellow",
  error: "red",
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Colours text, or, where colours are not wanted, leaves it as it is. */
export function createPaint(colours: boolean): Paint {
  if (!colours) return (_tone, text) => text;
  // Whether the stream takes colours was asked once, when it was opened.
  return (tone, text) => styleText(formats[tone], text, { validateStream: false });
}
