import type { ChildProcess } from "node:child_process";

/** What one process offers to the one that started it: by name, one argument each. */
export type Methods<T> = { readonly [M in keyof T]: (argument: never) => Promise<unknown> };

interface Request {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** Calls the methods of a process that this one has started with a channel. */
export class Remote<T extends Methods<T>> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (response) => this.#answered(response as Response));
    child.once("exit", (code, signal) => {
      this.#failAll(new Error(`the process ended: ${signal ?? code}`));
    });
  }

  async call<M extends keyof T & string>(
    method: M,
    argument: Parameters<T[M]>[0],
  ): Promise<Awaited<ReturnType<T[M]>>> {
    const answer = Promise.withResolvers<unknown>();
    const request: Request = { id: this.#nextId++, method, argument };
    this.#waiting.set(request.id, answer);
    this.#child.send(request, (error) => error && this.#failAll(error));
    return (await answer.promise) as Awaited<ReturnType<T[M]>>;
  }

  #answered(response: Response): void {
    const answer = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ("error" in response) answer?.reject(new Error(response.error));
    else answer?.resolve(response.result);
  }

  #failAll(error: Error): void {
    for (const answer of this.#waiting.values()) answer.reject(error);
    this.#waiting.clear();
  }
}

/** Answers the calls of the process that started this one, and ends when that is gone. */
export function serveCalls<T extends Methods<T>>(methods: T): void {
  process.on("message", (message) => void answer(methods, message as Request));
  process.once("disconnect", () => process.exit(0));
}

async function answer<T extends Methods<T>>(methods: T, request: Request): Promise<void> {
  const { id } = request;
  try {
    const method = methods[request.method as keyof T];
    reply({ id, result: await method(request.argument as never) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function reply(response: Response): void {
  process.send?.(response);
}
