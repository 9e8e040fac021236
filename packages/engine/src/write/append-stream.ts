import { toBinary } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { FailureSchema } from "@varve/proto";
import { FieldReader } from "@varve/proto/wire";
import { asRequestError, asStoreError, serverStopping } from "../errors.js";
import { encodeOutcomes, type Outcome, OutcomeField, outcomeSize } from "../format/outcomes.js";
import { mergedField } from "../request/merged.js";
import type { AppendCaller } from "./item.js";

/** Appends of one call that may be unanswered; the call is not read further meanwhile. */
const UNANSWERED_MAX = 4096;
/** Bytes of outcomes that may wait to be taken; the call is not read further meanwhile. */
const OUTCOME_BYTES_MAX = 1024 * 1024;
/** Bytes after which a frame of outcomes is full. */
const FRAME_BYTES = 256 * 1024;

/** Where outcomes are kept until the client takes them. */
export interface OutcomeRoom {
  /** One more, of so many bytes. False if there is no room for it: the call is over then. */
  hold(bytes: number): boolean;
  /** So many bytes of them are on their way. */
  release(bytes: number): void;
}

const unboundedRoom: OutcomeRoom = { hold: () => true, release: () => {} };

/** An append that has its place in the order. */
export interface StartedAppend {
  /** Resolves to the encoded `AppendResponse`. */
  readonly outcome: Promise<Buffer>;
}

/** Starts one append of a call, given the encoded request; at once, if there is nothing to wait for. */
export type StartAppend = (
  request: Buffer,
  caller: AppendCaller,
) => StartedAppend | Promise<StartedAppend>;

export interface AppendStreamOptions {
  /** The call is ended with SERVER_STOPPING when this aborts. */
  readonly stopping: AbortSignal;
  /** Default: without a bound. */
  readonly room?: OutcomeRoom | undefined;
  /** The call is over when this aborts: nobody wants to know any more. */
  readonly signal?: AbortSignal | undefined;
}

interface CorrelatedAppend {
  /** The varint as it was sent. */
  readonly correlation: Buffer;
  readonly request: Buffer;
}

const ZERO = Buffer.of(0);
const EMPTY = Buffer.alloc(0);

/**
 * Serves one `AppendStream` call: encoded frames of appends in, encoded frames of
 * outcomes out. Appends start in the order in which they come; outcomes leave as
 * they are known, as many in a frame as there are. Throws MALFORMED_REQUEST, and
 * SERVER_STOPPING when `stopping` aborts, after everything is answered.
 */
export async function* appendStream(
  frames: AsyncIterable<Buffer>,
  start: StartAppend,
  { stopping, room = unboundedRoom, signal }: AppendStreamOptions,
): AsyncGenerator<Buffer> {
  const call = new AppendCall(start, stopping, room);
  const cancel = (): void => call.cancel();
  signal?.addEventListener("abort", cancel);
  const reading = call.readAll(frames);
  // Its error is thrown below, when all that was started is answered.
  reading.catch(() => {});
  try {
    yield* call.outcomes();
    await reading;
  } finally {
    signal?.removeEventListener("abort", cancel);
    call.cancel();
  }
}

class AppendCall implements AppendCaller {
  readonly inOrder = true;
  readonly #outcomes: Outcome[] = [];
  #outcomeBytes = 0;
  #unanswered = 0;
  /** Nothing more is read. */
  #ended = false;
  #cancelled = false;
  #wake: (() => void) | undefined;
  #resume: (() => void) | undefined;

  constructor(
    private readonly start: StartAppend,
    private readonly stopping: AbortSignal,
    private readonly room: OutcomeRoom,
  ) {}

  /** Nobody wants the outcomes any more. */
  get aborted(): boolean {
    return this.#cancelled;
  }

  async readAll(frames: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const frame of frames) {
        for (const append of readFrame(frame)) {
          while (this.#isFull && !this.#ended) {
            await new Promise<void>((resolve) => {
              this.#resume = resolve;
            });
          }
          if (this.#ended) return;
          this.#unanswered++;
          const beginning = this.#begin(append);
          if (beginning) await beginning;
        }
      }
    } finally {
      this.#ended = true;
      this.#wake?.();
    }
  }

  async *outcomes(): AsyncGenerator<Buffer> {
    const wake = (): void => this.#wake?.();
    this.stopping.addEventListener("abort", wake);
    try {
      while (!this.#cancelled && (!this.#ended || this.#unanswered > 0)) {
        if (this.stopping.aborted && this.#unanswered === 0) throw serverStopping();
        if (this.#outcomes.length === 0) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        while (this.#outcomes.length > 0) yield this.#takeFrame();
      }
    } finally {
      this.stopping.removeEventListener("abort", wake);
    }
  }

  /** The caller is gone: reads no further, and forgets what there is to say. */
  cancel(): void {
    this.#ended = true;
    this.#cancelled = true;
    this.#outcomes.length = 0;
    this.#resume?.();
    this.#wake?.();
  }

  get #isFull(): boolean {
    return this.#unanswered >= UNANSWERED_MAX || this.#outcomeBytes >= OUTCOME_BYTES_MAX;
  }

  /** A promise if the next append has to wait until this one has its place. */
  #begin({ correlation, request }: CorrelatedAppend): Promise<void> | undefined {
    try {
      const started = this.start(request, this);
      if (!(started instanceof Promise)) this.#answer(correlation, started);
      else {
        return started.then(
          (append) => this.#answer(correlation, append),
          (error: unknown) => this.#settle(correlation, OutcomeField.failure, failureOf(error)),
        );
      }
    } catch (error) {
      this.#settle(correlation, OutcomeField.failure, failureOf(error));
    }
    return undefined;
  }

  #answer(correlation: Buffer, { outcome }: StartedAppend): void {
    outcome.then(
      (response) => this.#settle(correlation, OutcomeField.success, response),
      (error: unknown) => this.#settle(correlation, OutcomeField.failure, failureOf(error)),
    );
  }

  #settle(correlation: Buffer, field: OutcomeField, value: Uint8Array): void {
    if (this.#cancelled) return;
    const outcome = { correlation, field, value };
    const bytes = outcomeSize(outcome);
    if (!this.room.hold(bytes)) {
      this.cancel();
      return;
    }
    this.#outcomeBytes += bytes;
    this.#outcomes.push(outcome);
    this.#wake?.();
  }

  #takeFrame(): Buffer {
    let bytes = 0;
    let count = 0;
    while (count < this.#outcomes.length && bytes < FRAME_BYTES) {
      bytes += outcomeSize(this.#outcomes[count++] as Outcome);
    }
    const frame = encodeOutcomes(this.#outcomes.splice(0, count));
    this.#unanswered -= count;
    this.#outcomeBytes -= bytes;
    this.room.release(bytes);
    this.#resume?.();
    return frame;
  }
}

function failureOf(error: unknown): Uint8Array {
  return toBinary(FailureSchema, asStoreError(error).toFailure());
}

/** Reads an encoded `AppendStreamRequest`; the requests inside stay encoded. */
function readFrame(frame: Buffer): CorrelatedAppend[] {
  const appends: CorrelatedAppend[] = [];
  const reader = new FieldReader(frame);
  try {
    while (reader.next()) {
      if (reader.field === 1 && reader.isBytes) {
        appends.push(readAppend(frame, reader.start, reader.end));
      }
    }
  } catch (cause) {
    throw asRequestError(cause);
  }
  return appends;
}

function readAppend(frame: Buffer, start: number, end: number): CorrelatedAppend {
  const reader = new FieldReader(frame, start, end);
  let request: Buffer | undefined;
  let correlation: Buffer = ZERO;
  let isSplit = false;
  while (reader.next()) {
    if (reader.field === 1 && reader.wireType === WireType.Varint) {
      // A copy: what is kept until the outcome is taken must not hold on to the whole frame.
      correlation = Buffer.from(reader.bytes());
    } else if (reader.field === 2 && reader.isBytes) {
      isSplit = request !== undefined;
      request = reader.bytes();
    }
  }
  if (isSplit) request = mergedField(frame, start, end, 2);
  return { correlation, request: request ?? EMPTY };
}
