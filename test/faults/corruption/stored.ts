/** What a data folder held before it was damaged. Plain data: it goes to other processes. */
export interface StoredData {
  readonly workspaces: readonly StoredWorkspace[];
}

export interface StoredWorkspace {
  readonly name: string;
  /** The encoded `RecordedEvent` at each position, from 1, in base64. */
  readonly events: readonly string[];
  /** Acknowledged appends, to be repeated. */
  readonly appends: readonly StoredAppend[];
}

export interface StoredAppend {
  /** The encoded `AppendRequest`, in base64. */
  readonly request: string;
  readonly firstPosition: number;
}
