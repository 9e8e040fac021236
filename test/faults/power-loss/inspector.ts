import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { defaultRoot } from "../server.ts";
import type { Inspection } from "./inspection.ts";

const program = fileURLToPath(new URL("inspect.ts", import.meta.url));

/** A folder takes well under a second; what takes this long, ms, does not end. */
const ANSWER_MS_MAX = 60_000;

/**
 * Opens data folders by a server in one other process, which is much faster than one
 * process for each.
 */
export class Inspector implements AsyncDisposable {
  #child: ChildProcess | undefined;

  /** Opens a data folder, which is changed by it. One at a time. */
  async inspect(folder: string): Promise<Inspection> {
    this.#child ??= await start();
    const inspection = await ask(this.#child, folder);
    if (inspection.case === "lost") await this[Symbol.asyncDispose]();
    return inspection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

async function start(): Promise<ChildProcess> {
  const server = new URL("packages/server/dist/index.js", defaultRoot());
  const child = fork(program, [server.href], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [first] = await Promise.race([once(child, "message"), once(child, "close")]);
  if (first !== "ready") throw new Error("the process that inspects data folders did not start");
  return child;
}

async function ask(child: ChildProcess, folder: string): Promise<Inspection> {
  const answered = new AbortController();
  const signal = AbortSignal.any([answered.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
  const answer = once(child, "message", { signal }).then(([it]) => it as Inspection);
  const end = once(child, "close", { signal }).then(
    ([code, by]): Inspection => ({ case: "lost", message: `the server ended by ${by ?? code}` }),
  );
  const late = (error: unknown): Inspection => {
    if (!signal.aborted) throw error;
    return { case: "lost", message: `the server did not answer within ${ANSWER_MS_MAX} ms` };
  };
  child.send(folder);
  try {
    return await Promise.race([answer.catch(late), end.catch(late)]);
  } finally {
    answered.abort();
  }
}
