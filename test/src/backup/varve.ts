import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const bin = fileURLToPath(new URL("../../../packages/cli/bin/varve.js", import.meta.url));

/** How a command ended. */
export interface Ended {
  /** `null` if a signal ended it. */
  readonly status: number | null;
  readonly out: Buffer;
  readonly err: string;
}

/** The command line, running. It is killed when the test ends. */
export class VarveProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown[]>;

  /** `address`: of the server that the command calls, if it calls one. */
  constructor(words: readonly string[], address = "") {
    const env = { ...process.env, VARVE_ADDRESS: address };
    this.child = spawn(process.execPath, [bin, ...words], { env });
    this.#closed = once(this.child, "close");
    // It may end before it has read everything.
    this.child.stdin.on("error", () => {});
    onTestFinished(() => {
      this.child.kill("SIGKILL");
    });
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Reads what it prints, unless that was cut off, until it ends. */
  async end(): Promise<Ended> {
    const { stdout, stderr } = this.child;
    const [out, err] = await Promise.all([
      stdout.destroyed ? Buffer.alloc(0) : buffer(stdout),
      text(stderr),
      this.#closed,
    ]);
    return { status: this.child.exitCode, out, err };
  }
}

/** Runs the command line to its end. */
export async function varve(words: readonly string[], address = ""): Promise<Ended> {
  const running = new VarveProcess(words, address);
  running.child.stdin.end();
  return running.end();
}

/** The one line of JSON that a command that succeeds prints. */
export async function resultOf(
  words: readonly string[],
  address = "",
): Promise<Record<string, unknown>> {
  const { status, out, err } = await varve(words, address);
  if (status !== 0) throw new Error(`varve ${words.join(" ")}: ${err}`);
  return JSON.parse(out.toString()) as Record<string, unknown>;
}
