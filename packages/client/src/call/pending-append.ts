import { create } from "@bufbuild/protobuf";
import {
  type AppendRequest,
  type AppendResponse,
  type CorrelatedAppend,
  CorrelatedAppendSchema,
} from "@varve/proto";

/** An append on its way: from the call of the method to its outcome. */
export class PendingAppend {
  /** Settles with the outcome, or with the signal's reason. */
  readonly outcome: Promise<AppendResponse>;
  /** What is sent, and sent again. */
  readonly message: CorrelatedAppend;
  readonly sizeBytes: number;
  /** Tries that failed. */
  failures = 0;
  /** Whether it must have the call to itself, so that its failure is nobody else's. */
  alone = false;

  readonly #signal: AbortSignal | undefined;
  #resolve!: (response: AppendResponse) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  constructor(
    correlation: bigint,
    append: AppendRequest,
    sizeBytes: number,
    signal: AbortSignal | undefined,
  ) {
    this.message = create(CorrelatedAppendSchema, { correlation, append });
    this.sizeBytes = sizeBytes;
    this.#signal = signal;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener("abort", this.#abort);
  }

  /** Names the append on the wire, and its place in the order of appends. */
  get correlation(): bigint {
    return this.message.correlation;
  }

  /** Whether nobody waits for it any more. */
  get settled(): boolean {
    return this.#settled;
  }

  resolve(response: AppendResponse): void {
    this.#settle();
    this.#resolve(response);
  }

  reject(reason: unknown): void {
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    this.#settled = true;
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.reject(this.#signal?.reason);
}
