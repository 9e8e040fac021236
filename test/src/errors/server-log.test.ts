import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { startTestServer } from "../support/server.js";

/** A frame of HTTP/2. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** A header field as a literal. Shorter than 127 bytes each. */
function field(name: string, value: Buffer | string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value as string)];
  const parts = [[0, nameBytes.length], nameBytes, [valueBytes.length], valueBytes];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

describe("the server's log", () => {
  it("is not written by clients: text of theirs does not get to standard error", async () => {
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    const { running, client } = await startTestServer();
    const socket = connect(running.port, "127.0.0.1");
    await once(socket, "connect");
    const fields = [
      field(":method", "POST"),
      field(":scheme", "http"),
      field(":path", "/varve.v1.EventStoreService/GetStatus"),
      field("content-type", "application/grpc"),
      field("x-name", Buffer.from("\u0080 E the disk is on fire", "latin1")),
    ];
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(4, 0, 0, Buffer.alloc(0)));
    socket.write(frame(1, 4, 1, Buffer.concat(fields)));
    socket.write(frame(0, 1, 1, Buffer.alloc(5)));
    // Something comes back: the call was looked at.
    await once(socket, "data");
    await client.getStatus({});
    socket.destroy();
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });
});
