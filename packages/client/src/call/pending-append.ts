import { create } from "@bufbuild/protobuf";
import {
  type AppendRequest,
  type AppendResponse,
  type CorrelatedAppend,
  CorrelatedAppendSchema,
} from "@varve/proto";
import { TimeoutError, type VarveError } from "../errors.js";
import type { CallTerms } from "./call.js";

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
  /** Whether it has been sent, however often. */
  sent = false;
  /** How often it was found without an outcome, as `WaitWatch` counts. */
  looks = 0;

  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #failure: VarveError | undefined;
  #resolve!: (response: AppendResponse) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  constructor(
    correlation: bigint,
    append: AppendRequest,
    sizeBytes: number,
    { signal, timeoutMs }: CallTerms,
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
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.timeOut(timeoutMs), timeoutMs);
  }

  /** Names the append on the wire, and its place in the order of appends. */
  get correlation(): bigint {
    return this.message.correlation;
  }

  /** Whether nobody waits for it any more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** It goes out now. */
  sending(): void {
    if (this.sent) return;
    this.sent = true;
    this.looks = 0;
  }

  /** A try failed, and another one follows. If time runs out meanwhile, that is why. */
  failed(failure: VarveError): void {
    this.#failure = failure;
  }

  resolve(response: AppendResponse): void {
    this.#settle();
    this.#resolve(response);
  }

  reject(reason: unknown): void {
    this.#settle();
    this.#reject(reason);
  }

  /** The caller waits no longer. Whether it is stored is not known. */
  timeOut(timeoutMs: number): void {
    this.reject(this.#failure ?? new TimeoutError(timeoutMs, this.message.append?.appendId));
  }

  #settle(): void {
    this.#settled = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    clearTimeout(this.#timer);
  }

  readonly #abort = (): void => this.reject(this.#signal?.reason);
}
