/** A server that is measured: where it listens, and its process. */
export interface Target {
  /** HOST:PORT. */
  readonly address: string;
  readonly pid: number;
}
