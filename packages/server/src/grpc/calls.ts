import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerWritableStream,
} from "@grpc/grpc-js";
import {
  type AppendCaller,
  asStoreError,
  type FrameRoom,
  inRoom,
  malformedRequest,
  type OutcomeRoom,
  returnFrame,
} from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import type { Logger } from "pino";
import { type CallGuard, noRoom } from "./call-guard.js";
import type { CallShare } from "./call-share.js";
import { PREFIX_BYTES } from "./message-prefix.js";
import { toServiceError } from "./status.js";

/** A method of the engine, made into a handler of grpc-js. Errors are translated here and nowhere else. */
export class Calls {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly guard: CallGuard,
    private readonly logger: Logger,
  ) {}

  /** Resolves when no call runs. */
  async idle(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Bytes in, bytes out. */
  raw(
    handle: (request: Buffer, caller: AppendCaller) => Promise<Buffer>,
  ): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      this.guard.shareOf(call).answering();
      const caller = new UnaryCaller(call);
      const answered = handle(call.request, caller).then(
        (response) => callback(null, response),
        (error: unknown) => callback(this.#translate(error, call.getPath())),
      );
      void this.#track(answered);
    };
  }

  unary<I extends DescMessage, O extends DescMessage>(
    input: I,
    output: O,
    handle: (request: MessageShape<I>) => Promise<MessageShape<O>>,
  ): handleUnaryCall<Buffer, Buffer> {
    return this.raw(async (bytes) => {
      const response = await handle(decode(input, bytes));
      return Buffer.from(toBinary(output, response));
    });
  }

  /** As `unary`, for an answer that may be large: it is prepared when there is room for it. */
  largeUnary<I extends DescMessage, O extends DescMessage>(
    input: I,
    output: O,
    handle: (request: MessageShape<I>) => Promise<MessageShape<O>>,
  ): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      const share = this.guard.shareOf(call);
      const inItsRoom = this.unary(input, output, async (request) => {
        if (!(await share.take())) throw noRoom();
        return handle(request);
      });
      inItsRoom(call, (error, response, ...rest) => {
        // What it takes is free when the call is closed.
        share.sending(response?.length ?? 0);
        callback(error, response, ...rest);
      });
    };
  }

  /** An answer of frames, each prepared when there is room for it. */
  serverStream<I extends DescMessage>(
    input: I,
    handle: (request: MessageShape<I>, signal: AbortSignal) => AsyncGenerator<Buffer>,
  ): handleServerStreamingCall<Buffer, Buffer> {
    return this.liveStream(input, (request, signal, room) =>
      inRoom(handle(request, signal), room, (frame) => frame.length),
    );
  }

  /** As `serverStream`; an answer of which `atOnce` has all frames is sent in one piece. */
  promptStream<I extends DescMessage>(
    input: I,
    atOnce: (request: MessageShape<I>) => readonly Buffer[] | undefined,
    handle: (request: MessageShape<I>, signal: AbortSignal) => AsyncGenerator<Buffer>,
  ): handleServerStreamingCall<Buffer, Buffer> {
    const inFrames = this.serverStream(input, handle);
    return (call) => {
      const share = this.guard.shareOf(call);
      const frames = share.hasRoom ? tryAtOnce(call.request, input, atOnce) : undefined;
      if (!frames) {
        inFrames(call);
        return;
      }
      share.answering();
      this.guard.answer(call, frames);
      for (const frame of frames) returnFrame(frame);
    };
  }

  /** As `serverStream`, for frames that are waited for: `handle` takes room when it has one. */
  liveStream<I extends DescMessage>(
    input: I,
    handle: (
      request: MessageShape<I>,
      signal: AbortSignal,
      room: FrameRoom,
    ) => AsyncGenerator<Buffer>,
  ): handleServerStreamingCall<Buffer, Buffer> {
    return (call) => {
      const signal = cancelledSignal(call);
      const share = this.guard.shareOf(call);
      share.answering();
      const frames = async function* (): AsyncGenerator<Buffer> {
        yield* handle(decode(input, call.request), signal, share);
      };
      void this.#track(this.#send(call, frames(), signal));
    };
  }

  bidi(
    handle: (
      frames: AsyncIterable<Buffer>,
      options: { readonly room: OutcomeRoom; readonly signal: AbortSignal },
    ) => AsyncIterable<Buffer>,
  ): handleBidiStreamingCall<Buffer, Buffer> {
    return (call) => void this.#track(this.#exchange(call, handle));
  }

  /** As `bidi`, for a call that a stop of the server does not wait for. */
  conversation(
    handle: (messages: AsyncIterable<Buffer>, room: FrameRoom) => AsyncIterable<Buffer>,
  ): handleBidiStreamingCall<Buffer, Buffer> {
    return (call) => void this.#exchange(call, (messages, { room }) => handle(messages, room));
  }

  #exchange(
    call: ServerDuplexStream<Buffer, Buffer>,
    handle: (
      messages: AsyncIterable<Buffer>,
      options: { readonly room: CallShare; readonly signal: AbortSignal },
    ) => AsyncIterable<Buffer>,
  ): Promise<void> {
    const signal = cancelledSignal(call);
    // Otherwise reading would wait for ever for a client that is gone.
    signal.addEventListener("abort", () => call.destroy(), { once: true });
    // A handler that stops reading still has something to say to the client.
    const share = this.guard.shareOf(call);
    const requests = consumed(call.iterator({ destroyOnReturn: false }), share);
    return this.#send(call, handle(requests, { room: share, signal }), signal);
  }

  async #track(call: Promise<void>): Promise<void> {
    this.#running++;
    try {
      await call;
    } finally {
      this.#running--;
      if (this.#running === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  async #send(
    call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
    frames: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await writeAll(call, frames, signal, this.guard);
      if (!signal.aborted) call.end();
    } catch (error) {
      if (!signal.aborted) call.emit("error", this.#translate(error, call.getPath()));
    }
  }

  #translate(error: unknown, method: string): ReturnType<typeof toServiceError> {
    const storeError = asStoreError(error);
    const reason = ErrorReason[storeError.reason];
    if (serious.has(storeError.reason)) {
      this.logger.error(
        { method, reason, err: storeError.cause ?? storeError },
        storeError.message,
      );
    } else this.logger.debug({ method, reason }, storeError.message);
    return toServiceError(storeError);
  }
}

/** Who made a unary call. Less than a signal, which would be made for each append. */
class UnaryCaller implements AppendCaller {
  constructor(private readonly call: { readonly cancelled: boolean }) {}

  get aborted(): boolean {
    return this.call.cancelled;
  }
}

/** What the operator should know of, as well as the client. */
const serious: ReadonlySet<ErrorReason> = new Set([
  ErrorReason.INTERNAL,
  ErrorReason.DATA_CORRUPT,
  ErrorReason.STORAGE_UNAVAILABLE,
  ErrorReason.APPEND_OUTCOME_UNKNOWN,
]);

/** Messages that a call sends; each is dealt with when the next is asked for. */
async function* consumed(
  messages: AsyncIterable<Buffer>,
  share: CallShare,
): AsyncGenerator<Buffer> {
  for await (const message of messages) {
    yield message;
    share.consumed(PREFIX_BYTES + message.length);
  }
}

/** What is wrong with a request is told by who waits for frames. */
function tryAtOnce<I extends DescMessage>(
  bytes: Buffer,
  input: I,
  atOnce: (request: MessageShape<I>) => readonly Buffer[] | undefined,
): readonly Buffer[] | undefined {
  try {
    return atOnce(decode(input, bytes));
  } catch {
    return undefined;
  }
}

/**
 * Sends frames as fast as the client takes them: while one is on its way the next
 * is prepared, and no more. That bounds what a slow client costs.
 */
async function writeAll(
  call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
  frames: AsyncIterable<Buffer>,
  signal: AbortSignal,
  guard: CallGuard,
): Promise<void> {
  const share = guard.shareOf(call);
  const stream = guard.streamOf(call);
  const gone = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  let sent: Promise<void> = Promise.resolve();
  for await (const frame of frames) {
    share.sending(frame.length);
    await sent;
    if (signal.aborted) return;
    const written = new Promise<void>((resolve) => {
      call.write(frame, (error?: Error | null) => {
        share.sent(frame.length);
        // A part of what could not be sent may still be on its way.
        if (!error && !stream.destroyed) returnFrame(frame);
        resolve();
      });
    });
    sent = Promise.race([written, gone]);
  }
  await sent;
}

const CANCELLED = "the call is over";

function cancelledSignal(
  call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
): AbortSignal {
  const controller = new AbortController();
  // A reason of its own would have its stack recorded, for each call that ends.
  call.on("cancelled", () => controller.abort(CANCELLED));
  return controller.signal;
}

function decode<T extends DescMessage>(schema: T, bytes: Buffer): MessageShape<T> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw malformedRequest(cause);
  }
}
