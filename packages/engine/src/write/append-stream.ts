import { toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { AppendStreamResponseSchema, CorrelatedOutcomeSchema, FailureSchema } from "@varve/proto";
import { asStoreError, malformedRequest, serverStopping } from "../errors.js";
import { readFields } from "../request/wire.js";

/** Appends of one call that may be unanswered; the call is not read further meanwhile. */
const UNANSWERED_MAX = 4096;
/** Bytes after which a frame of outcomes is full. */
const FRAME_BYTES = 256 * 1024;

/** An append that has its place in the order. */
export interface StartedAppend {
  /** Resolves to the encoded `AppendResponse`. */
  readonly outcome: Promise<Buffer>;
}

/** Starts one append, given the encoded request. */
export type StartAppend = (request: Buffer) => Promise<StartedAppend>;

interface CorrelatedAppend {
  readonly correlation: bigint | string;
  readonly request: Buffer;
}

const OUTCOMES = AppendStreamResponseSchema.field.outcomes.number;
const { correlation, success, failure } = CorrelatedOutcomeSchema.field;

/**
 * Serves one `AppendStream` call: encoded frames of appends in, encoded frames of
 * outcomes out. Appends start in the order in which they come; outcomes leave as
 * they are known, as many in a frame as there are. Throws MALFORMED_REQUEST, and
 * SERVER_STOPPING when `stopping` aborts, after everything is answered.
 */
export async function* appendStream(
  frames: AsyncIterable<Buffer>,
  start: StartAppend,
  stopping: AbortSignal,
): AsyncGenerator<Buffer> {
  const call = new AppendCall(start, stopping);
  const reading = call.readAll(frames);
  // Its error is thrown below, when all that was started is answered.
  reading.catch(() => {});
  try {
    yield* call.outcomes();
    await reading;
  } finally {
    call.cancel();
  }
}

class AppendCall {
  readonly #outcomes: Uint8Array[] = [];
  #unanswered = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  #resume: (() => void) | undefined;

  constructor(
    private readonly start: StartAppend,
    private readonly stopping: AbortSignal,
  ) {}

  async readAll(frames: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const frame of frames) {
        for (const append of readFrame(frame)) {
          while (this.#unanswered >= UNANSWERED_MAX && !this.#ended) {
            await new Promise<void>((resolve) => {
              this.#resume = resolve;
            });
          }
          if (this.#ended) return;
          this.#unanswered++;
          await this.#begin(append);
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
      while (!this.#ended || this.#unanswered > 0) {
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

  /** The caller is gone: reads no further. */
  cancel(): void {
    this.#ended = true;
    this.#resume?.();
  }

  async #begin({ correlation: id, request }: CorrelatedAppend): Promise<void> {
    try {
      const { outcome } = await this.start(request);
      outcome.then(
        (response) => this.#settle(encodeOutcome(id, success.number, response)),
        (error: unknown) => this.#settle(encodeFailure(id, error)),
      );
    } catch (error) {
      this.#settle(encodeFailure(id, error));
    }
  }

  #settle(outcome: Uint8Array): void {
    this.#outcomes.push(outcome);
    this.#wake?.();
  }

  #takeFrame(): Buffer {
    let bytes = 0;
    let count = 0;
    while (count < this.#outcomes.length && bytes < FRAME_BYTES) {
      bytes += (this.#outcomes[count++] as Uint8Array).length;
    }
    const frame = new BinaryWriter();
    for (const outcome of this.#outcomes.splice(0, count)) {
      frame.tag(OUTCOMES, WireType.LengthDelimited).bytes(outcome);
    }
    this.#unanswered -= count;
    this.#resume?.();
    return Buffer.from(frame.finish());
  }
}

function encodeFailure(id: CorrelatedAppend["correlation"], error: unknown): Uint8Array {
  return encodeOutcome(
    id,
    failure.number,
    toBinary(FailureSchema, asStoreError(error).toFailure()),
  );
}

function encodeOutcome(
  id: CorrelatedAppend["correlation"],
  field: number,
  value: Uint8Array,
): Uint8Array {
  return new BinaryWriter()
    .tag(correlation.number, WireType.Varint)
    .int64(id)
    .tag(field, WireType.LengthDelimited)
    .bytes(value)
    .finish();
}

/** Reads an encoded `AppendStreamRequest`; the requests inside stay encoded. */
function readFrame(frame: Buffer): CorrelatedAppend[] {
  const appends: CorrelatedAppend[] = [];
  readFields(frame, (field, bytes) => {
    if (field === 1) appends.push(readAppend(bytes));
  });
  return appends;
}

function readAppend(bytes: Buffer): CorrelatedAppend {
  let request: Buffer | undefined;
  readFields(bytes, (field, value) => {
    // Protobuf would merge a field that comes twice; what is answered is one of them.
    if (field === 2 && request) throw malformedRequest("an append is given twice");
    if (field === 2) request = value;
  });
  return { correlation: readCorrelation(bytes), request: request ?? Buffer.alloc(0) };
}

function readCorrelation(append: Buffer): bigint | string {
  try {
    const reader = new BinaryReader(append);
    let value: bigint | string = 0n;
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1 && wireType === WireType.Varint) value = reader.int64();
      else reader.skip(wireType, field);
    }
    return value;
  } catch (cause) {
    throw malformedRequest(cause);
  }
}
