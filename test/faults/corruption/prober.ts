import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { defaultRoot } from "../server.ts";
import type { Observation } from "./observation.ts";

/** What became of a data folder that a server was given. */
export type Outcome =
  | { readonly case: "observed"; readonly observation: Observation }
  /** The process ended, or did not answer in time. */
  | { readonly case: "lost"; readonly how: string };

export interface ProbeRequest {
  /** A data folder, which is changed by it. */
  readonly folder: string;
  /** The workspaces that are damaged; at the others a look is enough. */
  readonly touched: readonly string[];
}

const main = fileURLToPath(new URL("probe/main.ts", import.meta.url));

/** A folder takes well under a second; what takes this long, ms, does not end. */
const ANSWER_MS_MAX = 60_000;

/** Uses data folders in a process of its own, and in a new one when that has crashed. */
export class Prober implements AsyncDisposable {
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;

  /** `storedFile`: with what the folders held before they were damaged (`StoredData`). */
  constructor(storedFile: string) {
    const server = new URL("packages/server/dist/index.js", defaultRoot());
    this.#args = [server.href, storedFile];
  }

  /** One at a time. */
  async probe(request: ProbeRequest): Promise<Outcome> {
    const child = await this.#running();
    child.send(request);
    const outcome = await outcomeOf(child);
    if (outcome.case === "lost") await this.#end();
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #running(): Promise<ChildProcess> {
    if (this.#child) return this.#child;
    const child = fork(main, this.#args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child = child;
    const [first] = await Promise.race([once(child, "message"), once(child, "close")]);
    if (first !== "ready") throw new Error("the process that uses damaged folders did not start");
    return child;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(
        ([observation]): Outcome => ({ case: "observed", observation }),
      ),
      once(child, "close", { signal }).then(
        ([code, by]): Outcome => ({ case: "lost", how: `ended by ${by ?? code}: ${said.trim()}` }),
      ),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
    return { case: "lost", how: `no answer within ${ANSWER_MS_MAX} ms` };
  } finally {
    child.stderr?.removeAllListeners("data");
    over.abort();
  }
}
