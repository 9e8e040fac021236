import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FrameReader } from "./frame-reader.ts";
import {
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  frame,
  PREFACE,
  readSettings,
  resetFrame,
  Setting,
  settingsFrame,
  WINDOW_BYTES_DEFAULT,
  windowUpdateFrame,
  writeFrameHeader,
} from "./frames.ts";
import { RequestHeaders } from "./request-headers.ts";
import { Uploads } from "./uploads.ts";

/** Takes in the answer to one call. */
export interface Receiver {
  /** The next bytes of the answer: gRPC messages, each behind 5 bytes of prefix. */
  data(bytes: Buffer): void;
  /** The answer is complete, or the call has failed. */
  end(error?: Error): void;
}

interface OpenStream {
  readonly receiver: Receiver;
  /** Received and not yet given back to the server's window. */
  consumed: number;
  answered: boolean;
}

const MIB = 2 ** 20;
/** As the SDK's, so that a server serves both alike. */
const STREAM_WINDOW_BYTES = MIB;
const CONNECTION_WINDOW_BYTES = 16 * MIB;
const GRPC_PREFIX_BYTES = 5;
const CANCEL = 8;
const STATUS_OK = "0";
/** `grpc-status` as a server writes it that may not use a table: always the same bytes. */
const STATUS_NAME = Buffer.from("00889acac8b21234da8f", "hex");

/**
 * A gRPC client that does next to nothing: frames of HTTP/2 written to a socket and
 * taken from it, so that one core of it outruns a server on another. For unary calls
 * and server streams, without TLS. A call whose connection breaks fails, and none is
 * made anew.
 */
export class RawConnection implements Disposable {
  readonly #socket: Socket;
  readonly #headers: RequestHeaders;
  readonly #uploads: Uploads;
  readonly #streams = new Map<number, OpenStream>();
  #nextStream = 1;
  #consumed = 0;
  #out: Buffer[] = [];
  #flushing = false;
  #broken: Error | undefined;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.#headers = new RequestHeaders(address);
    this.#uploads = new Uploads((bytes) => this.#write(bytes));
    const reader = new FrameReader({
      data: (stream, bytes, ends) => this.#data(stream, bytes, ends),
      frame: (type, flags, stream, payload) => this.#frame(type, flags, stream, payload),
    });
    socket.on("data", (chunk) => reader.push(chunk as Buffer));
    socket.on("error", (error) => this.#break(error));
    socket.on("close", () => this.#break(new Error("the connection was closed")));
  }

  /** `address`: HOST:PORT. */
  static async open(address: string): Promise<RawConnection> {
    const { hostname, port } = new URL(`http://${address}`);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    const connection = new RawConnection(socket, address);
    connection.#greet();
    return connection;
  }

  /** Begins a call; the message is copied. Returns a number to cancel it by. */
  call(path: string, message: Buffer, receiver: Receiver): number {
    if (this.#broken) throw this.#broken;
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#streams.set(stream, { receiver, consumed: 0, answered: false });
    const headers = this.#headers.block(path);
    const bodyBytes = GRPC_PREFIX_BYTES + message.length;
    if (this.#uploads.fits(bodyBytes)) {
      this.#uploads.sent(bodyBytes);
      this.#write(wholeRequest(stream, headers, message));
    } else {
      this.#write(frame(FrameType.headers, Flag.endHeaders, stream, headers));
      const body = Buffer.allocUnsafe(bodyBytes);
      writeMessage(body, 0, message);
      this.#uploads.begin(stream, body);
    }
    return stream;
  }

  /** Ends a call, without a word to its receiver. */
  cancel(stream: number): void {
    if (!this.#streams.delete(stream)) return;
    this.#uploads.forget(stream);
    this.#write(resetFrame(stream, CANCEL));
  }

  [Symbol.dispose](): void {
    this.#streams.clear();
    this.#socket.destroy();
  }

  #greet(): void {
    const settings = {
      // What the server would keep in a table, it writes out: nothing needs decoding.
      [Setting.headerTableSize]: 0,
      [Setting.enablePush]: 0,
      [Setting.initialWindowSize]: STREAM_WINDOW_BYTES,
    };
    this.#write(PREFACE);
    this.#write(settingsFrame(settings));
    this.#write(windowUpdateFrame(0, CONNECTION_WINDOW_BYTES - WINDOW_BYTES_DEFAULT));
  }

  /** What is written in the same turn leaves together. */
  #write(bytes: Buffer): void {
    this.#out.push(bytes);
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => {
      this.#flushing = false;
      const out = this.#out;
      this.#out = [];
      if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(out));
    });
  }

  #data(stream: number, bytes: Buffer, ends: boolean): void {
    this.#giveBack(bytes.length);
    const open = this.#streams.get(stream);
    if (!open) return;
    open.answered = true;
    open.consumed += bytes.length;
    if (open.consumed >= STREAM_WINDOW_BYTES / 2) {
      this.#write(windowUpdateFrame(stream, open.consumed));
      open.consumed = 0;
    }
    open.receiver.data(bytes);
    if (ends) this.#end(stream, new Error("the answer has no status"));
  }

  #giveBack(bytes: number): void {
    this.#consumed += bytes;
    if (this.#consumed < CONNECTION_WINDOW_BYTES / 2) return;
    this.#write(windowUpdateFrame(0, this.#consumed));
    this.#consumed = 0;
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FrameType.headers) this.#headersCame(flags, stream, payload);
    else if (type === FrameType.windowUpdate) this.#uploads.widen(stream, payload.readUInt32BE());
    else if (type === FrameType.settings && (flags & Flag.ack) === 0) this.#settings(payload);
    else if (type === FrameType.ping && (flags & Flag.ack) === 0) {
      this.#write(frame(FrameType.ping, Flag.ack, 0, payload));
    } else if (type === FrameType.resetStream) {
      this.#end(stream, new Error(`the server reset the stream: ${payload.readUInt32BE()}`));
    } else if (type === FrameType.goAway) this.#break(new Error("the server is going away"));
  }

  #settings(payload: Buffer): void {
    const window = readSettings(payload).get(Setting.initialWindowSize);
    if (window !== undefined) this.#uploads.setStreamWindow(window);
    this.#write(frame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0)));
  }

  /** Of the headers of an answer only those at its end say something: the status. */
  #headersCame(flags: number, stream: number, block: Buffer): void {
    if ((flags & Flag.endStream) === 0) return;
    const status = statusIn(block);
    const answered = this.#streams.get(stream)?.answered === true;
    const ok = status === STATUS_OK && answered;
    this.#end(stream, ok ? undefined : new Error(`the call ended with status ${status}`));
  }

  #end(stream: number, error: Error | undefined): void {
    const open = this.#streams.get(stream);
    if (!open) return;
    this.#streams.delete(stream);
    this.#uploads.forget(stream);
    open.receiver.end(error);
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const stream of [...this.#streams.keys()]) this.#end(stream, error);
  }
}

/** Headers and body in one piece: what most requests are. */
function wholeRequest(stream: number, headers: Buffer, message: Buffer): Buffer {
  const bodyBytes = GRPC_PREFIX_BYTES + message.length;
  const bytes = Buffer.allocUnsafe(2 * FRAME_HEADER_BYTES + headers.length + bodyBytes);
  let at = writeFrameHeader(bytes, 0, headers.length, FrameType.headers, Flag.endHeaders, stream);
  at += headers.copy(bytes, at);
  at = writeFrameHeader(bytes, at, bodyBytes, FrameType.data, Flag.endStream, stream);
  writeMessage(bytes, at, message);
  return bytes;
}

/** A message with the prefix of gRPC: not compressed, so many bytes. */
function writeMessage(target: Buffer, start: number, message: Buffer): void {
  target[start] = 0;
  target.writeUInt32BE(message.length, start + 1);
  message.copy(target, start + GRPC_PREFIX_BYTES);
}

/** The status that a header block tells; its digits are not worth a Huffman code. */
function statusIn(block: Buffer): string | undefined {
  const found = block.indexOf(STATUS_NAME);
  if (found < 0) return undefined;
  const lengthAt = found + STATUS_NAME.length;
  return block.toString("latin1", lengthAt + 1, lengthAt + 1 + (block[lengthAt] as number));
}
