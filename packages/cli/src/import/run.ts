import { addAbortSignal, type Readable } from "node:stream";
import type { AppendResult, EventStoreClient } from "@varve/client";
import { LineIdentity } from "./identity.js";
import { isBlank, type Line, splitLines } from "./lines.js";
import { parseLine } from "./parse-line.js";
import { ImportReport } from "./report.js";

/** How much may be under way at once: enough to fill group commits, and bounded. */
const window = { appends: 2048, bytes: 16 * 1024 * 1024 };

export interface ImportOptions {
  /** Ends the import early. What is under way is still waited for. */
  readonly signal: AbortSignal;
  /** Called as lines are sent, with the bytes of the input read so far. */
  readonly onProgress: (readBytes: number, lines: number) => void;
}

/** How an import ended. */
export interface ImportOutcome {
  readonly report: ImportReport;
  /** True if every line of the input is stored. */
  readonly complete: boolean;
  /** What stopped it; absent also if the signal did. */
  readonly stop?: ImportStop;
}

export interface ImportStop {
  /** The line at fault. */
  readonly line: number;
  /** A `BadLineError`, an error of the append, or one of reading the input. */
  readonly error: unknown;
  /** How many later lines are stored: they were under way when this one was refused. */
  readonly storedAfter: number;
}

interface PendingLine {
  readonly line: number;
  readonly stream: string;
  readonly bytes: number;
  readonly outcome: Promise<{ readonly result: AppendResult } | { readonly error: unknown }>;
}

/**
 * Appends every line of the input, each on its own and in order. Stops at the
 * first line that is bad or refused. Resolves when nothing is under way any
 * more; never rejects.
 */
export async function runImport(
  client: EventStoreClient,
  input: Readable,
  options: ImportOptions,
): Promise<ImportOutcome> {
  return new ImportRun(client, options).run(input);
}

class ImportRun {
  readonly #client: EventStoreClient;
  readonly #options: ImportOptions;
  readonly #identity = new LineIdentity();
  readonly #report = new ImportReport();
  readonly #pending: PendingLine[] = [];
  #pendingBytes = 0;
  /** The line that is being read or sent. */
  #line = 1;
  readonly #reading = new AbortController();
  #stop: ImportStop | undefined;

  constructor(client: EventStoreClient, options: ImportOptions) {
    this.#client = client;
    this.#options = options;
  }

  async run(input: Readable): Promise<ImportOutcome> {
    const signal = AbortSignal.any([this.#options.signal, this.#reading.signal]);
    // Also ends the wait for an input that has nothing to give.
    addAbortSignal(
      signal,
      input.on("error", () => {}),
    );
    const read = await this.#sendAll(input, signal);
    await this.#settleDownTo(0, 0);
    const stop = this.#stop;
    return { report: this.#report, complete: read && !stop, ...(stop && { stop }) };
  }

  /** Whether the whole input was read and sent. */
  async #sendAll(input: Readable, signal: AbortSignal): Promise<boolean> {
    try {
      for await (const line of splitLines(input)) {
        if (signal.aborted) return false;
        this.#line = line.number;
        if (!isBlank(line.bytes)) await this.#sendNext(line);
        this.#line = line.number + 1;
      }
      return !signal.aborted;
    } catch (error) {
      if (!signal.aborted) this.#stop ??= { line: this.#line, error, storedAfter: 0 };
      return false;
    }
  }

  async #sendNext(line: Line): Promise<void> {
    this.#send(line);
    this.#options.onProgress(line.readBytes, line.number);
    await this.#settleDownTo(window.appends - 1, window.bytes);
  }

  /** Sends a line without waiting for it. Throws `BadLineError`. */
  #send({ number, bytes }: Line): void {
    const { event: parsed, position } = parseLine(bytes);
    const { stream, ...event } = parsed;
    const { id, appendId } = this.#identity.next(bytes, { id: event.id, position });
    const outcome = this.#client.append(stream, { ...event, id }, { appendId }).then(
      (result) => ({ result }),
      (error: unknown) => {
        // Every further line sent now may be stored after the one that is not.
        this.#reading.abort();
        return { error };
      },
    );
    this.#pending.push({ line: number, stream, bytes: bytes.length, outcome });
    this.#pendingBytes += bytes.length;
  }

  /** Takes outcomes in the order of the lines, until only so much is under way. */
  async #settleDownTo(appends: number, bytes: number): Promise<void> {
    while (this.#pending.length > appends || this.#pendingBytes > bytes) {
      const pending = this.#pending.shift();
      if (pending === undefined) return;
      this.#pendingBytes -= pending.bytes;
      this.#take(pending, await pending.outcome);
    }
  }

  #take({ line, stream }: PendingLine, outcome: Awaited<PendingLine["outcome"]>): void {
    const stop = this.#stop;
    if ("result" in outcome) {
      this.#report.add(stream, outcome.result);
      if (stop && stop.line < line) this.#stop = { ...stop, storedAfter: stop.storedAfter + 1 };
    } else if (stop === undefined || line < stop.line) {
      this.#stop = { line, error: outcome.error, storedAfter: 0 };
    }
  }
}
