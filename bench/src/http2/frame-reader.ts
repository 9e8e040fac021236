import { Flag, FRAME_HEADER_BYTES, FrameType } from "./frames.ts";

/** Takes in the frames of a connection. */
export interface FrameSink {
  /** A piece of a DATA frame, which is not copied; `ends`: the last one of its stream. */
  data(stream: number, bytes: Buffer, ends: boolean): void;
  /** Any other frame, as a whole. */
  frame(type: number, flags: number, stream: number, payload: Buffer): void;
}

/** Cuts what a socket delivers into frames, wherever the pieces begin and end. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #header: Buffer = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Of the payload of the frame whose header is complete. */
  #payloadLeft = 0;
  #payload: Buffer[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      at = this.#headerFilled < FRAME_HEADER_BYTES ? this.#readHeader(chunk, at) : at;
      if (this.#headerFilled < FRAME_HEADER_BYTES) return;
      at = this.#readPayload(chunk, at);
    }
  }

  #readHeader(chunk: Buffer, start: number): number {
    const bytes = Math.min(FRAME_HEADER_BYTES - this.#headerFilled, chunk.length - start);
    chunk.copy(this.#header, this.#headerFilled, start, start + bytes);
    this.#headerFilled += bytes;
    if (this.#headerFilled === FRAME_HEADER_BYTES) {
      this.#payloadLeft = this.#header.readUIntBE(0, 3);
      this.#type = this.#header[3] as number;
      this.#flags = this.#header[4] as number;
      this.#stream = this.#header.readUInt32BE(5) & 0x7fffffff;
    }
    return start + bytes;
  }

  #readPayload(chunk: Buffer, start: number): number {
    const end = Math.min(start + this.#payloadLeft, chunk.length);
    const bytes = chunk.subarray(start, end);
    this.#payloadLeft -= bytes.length;
    if (this.#type === FrameType.data) this.#passData(bytes);
    else this.#collect(bytes);
    if (this.#payloadLeft === 0) this.#headerFilled = 0;
    return end;
  }

  #passData(bytes: Buffer): void {
    if ((this.#flags & Flag.padded) !== 0) throw new Error("padded frames are not understood");
    const ends = this.#payloadLeft === 0 && (this.#flags & Flag.endStream) !== 0;
    this.#sink.data(this.#stream, bytes, ends);
  }

  #collect(bytes: Buffer): void {
    this.#payload.push(bytes);
    if (this.#payloadLeft > 0) return;
    const [only, ...more] = this.#payload;
    const payload = only && more.length === 0 ? only : Buffer.concat(this.#payload);
    this.#payload = [];
    this.#sink.frame(this.#type, this.#flags, this.#stream, payload);
  }
}
