import type { StoreError } from "../errors.js";
import type { AppendCommand } from "../request/append.js";
import type { Prepared } from "./decider.js";

/** One append on its way through the writer. */
export interface Item {
  readonly command: AppendCommand;
  /** With the encoded `AppendResponse`. */
  readonly resolve: (response: Buffer) => void;
  readonly reject: (error: StoreError) => void;
  /** Absent until what the decision needs has been read. */
  prepared?: Prepared | undefined;
}
