import type { RawConnection, Receiver } from "../http2/connection.ts";
import { MessageReader } from "../http2/message-reader.ts";

/** One call. */
export interface Call {
  readonly path: string;
  /** Sent, or copied, before the next one is asked for. */
  readonly message: Buffer;
  /** Told each message of the answer. Default: they are thrown away. */
  readonly answered?: (message: Buffer) => void;
}

/** How many calls were answered, and the time from the first request to the last answer. */
export interface LoadCount {
  readonly calls: number;
  readonly seconds: number;
}

/**
 * Makes calls, so many at a time, each followed by the next, and after some time waits
 * for those that are on their way.
 */
export function runCalls(
  connection: RawConnection,
  inFlight: number,
  seconds: number,
  next: () => Call,
): Promise<LoadCount> {
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let calls = 0;
  let running = 0;
  return new Promise((resolve, reject) => {
    const begin = (): void => {
      running++;
      const call = next();
      connection.call(call.path, call.message, { data: dataOf(call), end });
    };
    const end = (error?: Error): void => {
      if (error) {
        reject(error);
        return;
      }
      calls++;
      running--;
      const nowMs = performance.now();
      if (nowMs < endMs) begin();
      else if (running === 0) resolve({ calls, seconds: (nowMs - startedMs) / 1000 });
    };
    for (let i = 0; i < inFlight; i++) begin();
  });
}

function dataOf({ answered }: Call): Receiver["data"] {
  if (!answered) return ignore;
  const reader = new MessageReader(answered);
  return (bytes) => reader.push(bytes);
}

function ignore(): void {}
