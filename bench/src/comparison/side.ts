import type { Sample } from "../machine/meter.ts";

/** One side of a comparison: what is measured again and again, in turn with the others. */
export interface Side {
  /** For people, for example `Append, 64 in flight`. */
  readonly name: string;
  /** One repeat of about so many seconds. */
  measure(seconds: number): Promise<Sample>;
}
