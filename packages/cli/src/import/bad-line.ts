/** A line that is not an event. The message says why, to follow "Line 7: ". */
export class BadLineError extends Error {
  override readonly name = "BadLineError";
}
