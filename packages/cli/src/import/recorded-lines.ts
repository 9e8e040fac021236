import type { EventToRestore } from "@varve/server/backup";
import { isRealDay } from "../options/time.js";
import { BadLineError } from "./bad-line.js";
import { LineIdentity } from "./identity.js";
import { isBlank, splitLines } from "./lines.js";
import { parseLine } from "./parse-line.js";

/** Lines of a file, or of standard input. */
export interface LineSource {
  /** For messages. */
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

/** A line that cannot be restored. The message says which, and why. */
export class RefusedLineError extends Error {
  override readonly name = "RefusedLineError";

  constructor(
    readonly source: string,
    readonly line: number,
    readonly why: string,
  ) {
    super(`${source}: Line ${line}: ${why}.`);
  }
}

/**
 * The events of the lines of some sources, one after the other, each with the time at which
 * it was recorded. Times must not run backwards, nor be ahead of the clock: what is recorded
 * later could not have an earlier time. Throws `RefusedLineError`.
 */
export class RecordedLines implements AsyncIterable<EventToRestore> {
  readonly #sources: readonly LineSource[];
  readonly #nowMs: () => number;
  readonly #onProgress: (readBytes: number, events: number) => void;
  readonly #identity = new LineIdentity();
  #source = "";
  #line = 1;
  #earlier: Date | undefined;
  #events = 0;
  /** Bytes of the sources before the one that is being read. */
  #readBytes = 0;

  constructor(
    sources: readonly LineSource[],
    onProgress: (readBytes: number, events: number) => void = () => {},
    nowMs: () => number = Date.now,
  ) {
    this.#sources = sources;
    this.#onProgress = onProgress;
    this.#nowMs = nowMs;
  }

  /** That the line of the last event is at fault: whoever took it refused it. */
  refuse(why: string): RefusedLineError {
    return new RefusedLineError(this.#source, this.#line, why);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EventToRestore> {
    for (const { name, open } of this.#sources) {
      this.#source = name;
      yield* this.#eventsOf(open());
    }
  }

  async *#eventsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<EventToRestore> {
    this.#line = 1;
    let readBytes = 0;
    try {
      for await (const line of splitLines(bytes)) {
        this.#line = line.number;
        readBytes = line.readBytes;
        if (!isBlank(line.bytes)) yield this.#eventOf(line.bytes);
        this.#line = line.number + 1;
        this.#onProgress(this.#readBytes + readBytes, this.#events);
      }
    } catch (error) {
      throw error instanceof BadLineError ? this.refuse(error.message) : error;
    }
    this.#readBytes += readBytes;
  }

  #eventOf(line: Buffer): EventToRestore {
    this.#events += 1;
    const { event, position, recordedAt } = parseLine(line);
    const { id } = this.#identity.next(line, { id: event.id, position });
    const { stream, type, data, contentType, metadata, tags = [] } = event;
    const content = { stream, id, type, data, contentType, tags };
    return { ...content, metadata: String(metadata ?? ""), recordedAt: this.#timeOf(recordedAt) };
  }

  #timeOf(recordedAt: unknown): Date {
    const time = parseRecordedAt(recordedAt);
    const earlier = this.#earlier;
    if (earlier && time < earlier) {
      const before = `that of the event before it, ${earlier.toISOString()}`;
      throw new BadLineError(`its time, ${time.toISOString()}, is before ${before}`);
    }
    if (time.getTime() > this.#nowMs()) {
      throw new BadLineError(`its time, ${time.toISOString()}, is in the future`);
    }
    this.#earlier = time;
    return time;
  }
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** What is finer than a millisecond is dropped. */
function parseRecordedAt(value: unknown): Date {
  if (value === undefined) throw new BadLineError('"recordedAt" is missing');
  const time = typeof value === "string" && isoTime.test(value) ? new Date(value) : undefined;
  if (!time || Number.isNaN(time.getTime()) || !isRealDay(value as string)) {
    throw new BadLineError('"recordedAt" is not a time such as "2026-01-02T15:04:05.678Z"');
  }
  if (time.getTime() < 0) throw new BadLineError('"recordedAt" is before 1970');
  return time;
}
