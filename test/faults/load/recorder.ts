import type { AppendOperation, History, ReadOperation, SubscriptionOperation } from "../history.ts";
import type { Random } from "../random.ts";
import { isExplained, type ReasonName } from "../reasons.ts";
import { Knowledge } from "./knowledge.ts";

interface Waiting {
  readonly count: number;
  readonly resolve: () => void;
}

/** A history that is being written, and what the clients know from it. */
export class Recorder {
  readonly knowledge: Knowledge = new Knowledge();
  readonly #appends: AppendOperation[] = [];
  readonly #reads: ReadOperation[] = [];
  readonly #subscriptions: SubscriptionOperation[] = [];
  readonly #expected: readonly ReasonName[];
  readonly #onUnexplained: () => void;
  #acknowledged = 0;
  #waiting: Waiting[] = [];

  /** `onUnexplained` is called when an append is refused for a reason that is not expected. */
  constructor(expected: readonly ReasonName[], onUnexplained: () => void) {
    this.#expected = expected;
    this.#onUnexplained = onUnexplained;
  }

  /** Appends that were acknowledged, repeats included. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Resolves when so many appends were acknowledged, or when the signal aborts. */
  async untilAcknowledged(count: number, signal: AbortSignal): Promise<void> {
    if (this.#acknowledged >= count || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** `random` decides whether an append without an answer is to be sent again. */
  append(operation: AppendOperation, random: Random): void {
    this.#appends.push(operation);
    this.knowledge.learnFromAppend(operation, random);
    const { outcome } = operation;
    if (outcome.case === "refused" && !isExplained(outcome.reason, this.#expected)) {
      this.#onUnexplained();
    }
    if (outcome.case !== "stored") return;
    this.#acknowledged++;
    for (const { count, resolve } of this.#waiting) if (this.#acknowledged >= count) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.#acknowledged);
  }

  read(operation: ReadOperation): void {
    this.#reads.push(operation);
    this.knowledge.learnFromRead(operation);
  }

  subscription(operation: SubscriptionOperation): void {
    this.#subscriptions.push(operation);
  }

  history(): History {
    return {
      appends: this.#appends,
      reads: this.#reads,
      subscriptions: this.#subscriptions,
      expected: this.#expected,
    };
  }
}
