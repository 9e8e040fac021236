/** What was seen of one damaged data folder: it was used, closed, and used again. */
export interface Observation {
  readonly sessions: readonly SessionObservation[];
  /** Events that were served, by all calls. */
  readonly eventsServed: number;
}

/** From one start of a server to its stop. */
export type SessionObservation =
  | { readonly case: "refused"; readonly message: string }
  | { readonly case: "started"; readonly workspaces: readonly WorkspaceObservation[] };

export interface WorkspaceObservation {
  readonly workspace: string;
  readonly status: StatusObservation;
  /** Calls that failed, or whose answer was not what it was before the damage. */
  readonly calls: readonly CallObservation[];
}

export type StatusObservation =
  | {
      readonly case: "answered";
      readonly head: number;
      /** Why appends are refused, if they are. */
      readonly refusal: string | undefined;
    }
  | ({ readonly case: "failed" } & CallFailure);

export interface CallFailure {
  /** Of `error.proto`, or what came in the place of a reason. */
  readonly reason: string;
  readonly message: string;
}

export interface CallObservation {
  /** For example `read order-7`. */
  readonly call: string;
  /** `undefined` if the answer came to its end. */
  readonly failure: CallFailure | undefined;
  /** What was there before the damage and is not in the answer. */
  readonly missing: number;
  /**
   * That something is missing could be seen from the answer itself: it is not at
   * the end, and the places of events have no gaps.
   */
  readonly hasGap: boolean;
  /** What is in the answer and should not be; one sentence each. */
  readonly wrong: readonly string[];
}
