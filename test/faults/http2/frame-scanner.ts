import { FRAME_HEADER_BYTES } from "./frames.ts";

/** Header of a frame. */
export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Bytes of its payload. */
  readonly length: number;
}

/** Finds the frames in one direction of a connection, without keeping what is in them. */
export class FrameScanner {
  readonly #onFrame: (header: FrameHeader) => void;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  /** The frame whose payload passes now. */
  #frame: FrameHeader | undefined;
  /** Bytes that pass before the next header. */
  #rest: number;

  /** `skip`: bytes before the first frame. `onFrame` is told when a whole frame has passed. */
  constructor(onFrame: (header: FrameHeader) => void, skip = 0) {
    this.#onFrame = onFrame;
    this.#rest = skip;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#rest > 0) at += this.#pass(chunk.length - at);
      else at += this.#readHeader(chunk, at);
      if (this.#rest === 0) this.#end();
    }
  }

  #pass(available: number): number {
    const passed = Math.min(this.#rest, available);
    this.#rest -= passed;
    return passed;
  }

  #readHeader(chunk: Buffer, at: number): number {
    const header = this.#header;
    const copied = chunk.copy(header, this.#headerBytes, at);
    this.#headerBytes += copied;
    if (this.#headerBytes === FRAME_HEADER_BYTES) {
      this.#headerBytes = 0;
      this.#rest = header.readUIntBE(0, 3);
      const [type, flags] = [header[3] as number, header[4] as number];
      const stream = header.readUInt32BE(5) & 0x7fffffff;
      this.#frame = { type, flags, stream, length: this.#rest };
    }
    return copied;
  }

  #end(): void {
    const frame = this.#frame;
    this.#frame = undefined;
    if (frame) this.#onFrame(frame);
  }
}
