import { randomUUID } from "node:crypto";
import type { AppendResponse } from "@varve/proto";
import { AppendCall } from "./append-call.js";
import type { StoreClient } from "./client.js";
import { range } from "./frames.js";
import { type AppendInit, newEvent } from "./requests.js";

/** Appends that a client has sent and not yet had answered, at most. */
const IN_FLIGHT = 16;

/**
 * Appends of all kinds, without end, until the server is gone: single events, batches
 * and several streams at a time, by unary calls and by `AppendStream`.
 */
export class Load {
  readonly answers: Map<AppendInit, AppendResponse> = new Map();
  readonly #sent = new Set<AppendInit>();
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #over = false;

  /** `round` keeps the streams of one load apart from those of another, in part. */
  constructor(
    private readonly round: number,
    private readonly random: () => number,
  ) {}

  /** What was sent and never answered: whether it is stored is not known. */
  get unanswered(): readonly AppendInit[] {
    return [...this.#sent].filter((append) => !this.answers.has(append));
  }

  /** Resolves when the server is gone for all of the clients. */
  async run(clients: readonly StoreClient[]): Promise<void> {
    await Promise.all(
      clients.map((client, i) => (i % 2 === 0 ? this.#runUnary(client) : this.#runStream(client))),
    );
  }

  /** Resolves when so many appends are answered. */
  async answered(count: number): Promise<void> {
    if (this.answers.size >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  async #runUnary(client: StoreClient): Promise<void> {
    const work = async (): Promise<void> => {
      while (!this.#over) {
        const append = this.#next();
        this.#answer(append, await client.append(append));
      }
    };
    await Promise.allSettled(range(1, IN_FLIGHT).map(() => work().finally(() => this.#end())));
  }

  async #runStream(client: StoreClient): Promise<void> {
    const call = new AppendCall(client);
    const sent: AppendInit[] = [];
    const send = (): void => {
      const append = this.#next();
      sent.push(append);
      call.send({ correlation: BigInt(sent.length - 1), append });
    };
    for (let i = 0; i < IN_FLIGHT; i++) send();
    try {
      for (;;) {
        const [outcome] = await call.outcomes(1);
        if (!outcome?.success) throw new Error("the append was refused");
        this.#answer(sent[Number(outcome.correlation)] as AppendInit, outcome.success);
        send();
      }
    } catch {
      this.#end();
    }
  }

  #next(): AppendInit {
    const kind = this.random();
    const count = kind < 0.5 ? 1 : 1 + Math.floor(this.random() * 40);
    const shared = `shared-${Math.floor(this.random() * 5)}`;
    const events = range(1, count).map((n) =>
      newEvent(kind < 0.75 ? shared : `round-${this.round}-${n % 7}`, {
        data: "x".repeat(Math.floor(this.random() * 2000)),
        tags: [`n:${n % 3}`],
      }),
    );
    const append = { appendId: randomUUID(), events };
    this.#sent.add(append);
    return append;
  }

  #answer(append: AppendInit, response: AppendResponse): void {
    this.answers.set(append, response);
    this.#wake();
  }

  #end(): void {
    this.#over = true;
    this.#wake();
  }

  #wake(): void {
    for (const { count, resolve } of this.#waiting) {
      if (this.#over || this.answers.size >= count) resolve();
    }
  }
}
