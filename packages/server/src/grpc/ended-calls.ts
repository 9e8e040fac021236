import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";

type OnStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
) => void;

/**
 * Keeps calls from grpc-js that are over before it hears of them: one of an unknown method
 * or content type it would answer all the same, which throws, and ends the process. Throws
 * if grpc-js is not as it is known to be. REQUIRES: the server has a connection injector.
 */
export function passOverEndedCalls(grpc: Server): void {
  for (const server of http2ServersOf(grpc)) {
    const listeners = server.listeners("stream") as OnStream[];
    if (listeners.length !== 1) throw unknownServer();
    const [onStream] = listeners as [OnStream];
    server.removeAllListeners("stream");
    server.on("stream", (stream: ServerHttp2Stream, ...rest) => {
      if (!stream.destroyed && !stream.closed) onStream.call(server, stream, ...rest);
      // What it was reset with may come as an error, which nobody else waits for.
      else stream.on("error", () => {});
    });
  }
}

function http2ServersOf(grpc: Server): readonly Http2Server[] {
  const { http2Servers } = grpc as unknown as { http2Servers?: Map<Http2Server, unknown> };
  if (!http2Servers?.size) throw unknownServer();
  return [...http2Servers.keys()];
}

function unknownServer(): Error {
  return new Error("grpc-js has changed: calls that are over cannot be kept from it");
}
