import { Readable, Writable } from "node:stream";
import type { EventStoreClient } from "@varve/client";
import type { MaintenanceClient } from "@varve/client/maintenance";
import { TextOutput } from "../output/text-output.js";
import { type ProgramIo, runProgram } from "../run-program.js";

/** How a test runs the program. */
export interface TestRun {
  readonly client: EventStoreClient;
  /** For commands that look after a server. Default: none, and they fail. */
  readonly maintenance?: MaintenanceClient;
  /** What standard input holds. Default: nothing. */
  readonly input?: string | Readable;
  /** Whether the outputs are terminals. Default: false. */
  readonly isTerminal?: boolean;
  /** The environment. Default: nothing is set. */
  readonly env?: NodeJS.ProcessEnv;
  /** Stands for SIGINT. Default: none comes. */
  readonly interrupt?: AbortSignal;
}

/** What a run of the program left. */
export interface TestResult {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line of the program, with a client that the test made. */
export async function run(args: readonly string[], options: TestRun): Promise<TestResult> {
  const { client, maintenance, input = "", isTerminal = false } = options;
  const out = collector();
  const err = collector();
  const io: ProgramIo = {
    input: typeof input === "string" ? Readable.from([Buffer.from(input)]) : input,
    out: new TextOutput(out.stream, { isTerminal }),
    err: new TextOutput(err.stream, { isTerminal }),
    env: options.env ?? {},
    takeInterrupts: () => options.interrupt ?? new AbortController().signal,
    connect: async () => client,
    connectMaintenance: async () => maintenance ?? Promise.reject(new Error("no server")),
  };
  const status = await runProgram(args, io);
  return { status, out: out.text(), err: err.text() };
}

/** The lines of NDJSON. */
export function parseLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** A stream that keeps what is written to it. */
export function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
