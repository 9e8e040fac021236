import type { FinalLog } from "../history.ts";

/** What a server makes of a data folder. */
export type Inspection =
  | {
      readonly case: "opened";
      readonly log: FinalLog;
      /** Why an append of one event was not stored as the next one of the log. */
      readonly appendFailure?: string;
    }
  /** The server did not start, or could not serve the log. */
  | { readonly case: "refused"; readonly message: string }
  /** The process ended, or did not answer in time. */
  | { readonly case: "lost"; readonly message: string };
