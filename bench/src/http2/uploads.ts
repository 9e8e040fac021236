import {
  Flag,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_MAX,
  FrameType,
  WINDOW_BYTES_DEFAULT,
  writeFrameHeader,
} from "./frames.ts";

/** A request of which something is still to be sent. */
interface Upload {
  readonly stream: number;
  readonly body: Buffer;
  at: number;
  window: number;
}

/** Sends the bodies of requests, as much as the windows of the server allow. */
export class Uploads {
  readonly #write: (bytes: Buffer) => void;
  readonly #waiting = new Map<number, Upload>();
  #connectionWindow = WINDOW_BYTES_DEFAULT;
  #streamWindow = WINDOW_BYTES_DEFAULT;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** Whether a body of so many bytes can be sent at once, in one frame. */
  fits(bytes: number): boolean {
    const most = Math.min(this.#connectionWindow, this.#streamWindow, FRAME_PAYLOAD_MAX);
    return this.#waiting.size === 0 && bytes <= most;
  }

  /** So many bytes were sent by the caller. REQUIRES: they fit. */
  sent(bytes: number): void {
    this.#connectionWindow -= bytes;
  }

  /** Sends a body bit by bit; the last one ends the stream. */
  begin(stream: number, body: Buffer): void {
    this.#waiting.set(stream, { stream, body, at: 0, window: this.#streamWindow });
    this.#pump();
  }

  /** The server takes more; stream 0 stands for the connection. */
  widen(stream: number, bytes: number): void {
    const upload = this.#waiting.get(stream);
    if (stream === 0) this.#connectionWindow += bytes;
    else if (upload) upload.window += bytes;
    this.#pump();
  }

  /** The server has said how large the windows of streams are at first. */
  setStreamWindow(bytes: number): void {
    for (const upload of this.#waiting.values()) upload.window += bytes - this.#streamWindow;
    this.#streamWindow = bytes;
    this.#pump();
  }

  /** The stream is over. */
  forget(stream: number): void {
    this.#waiting.delete(stream);
  }

  #pump(): void {
    for (const upload of this.#waiting.values()) {
      while (this.#sendSome(upload));
      if (upload.at === upload.body.length) this.#waiting.delete(upload.stream);
    }
  }

  /** False if nothing is left, or nothing may be sent. */
  #sendSome(upload: Upload): boolean {
    const left = upload.body.length - upload.at;
    const bytes = Math.min(left, FRAME_PAYLOAD_MAX, upload.window, this.#connectionWindow);
    if (bytes <= 0) return false;
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + bytes);
    const flags = bytes === left ? Flag.endStream : 0;
    writeFrameHeader(frame, 0, bytes, FrameType.data, flags, upload.stream);
    upload.body.copy(frame, FRAME_HEADER_BYTES, upload.at, upload.at + bytes);
    upload.at += bytes;
    upload.window -= bytes;
    this.#connectionWindow -= bytes;
    this.#write(frame);
    return true;
  }
}
