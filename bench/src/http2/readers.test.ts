import { describe, expect, it } from "vitest";
import { FrameReader } from "./frame-reader.ts";
import { Flag, FrameType, frame } from "./frames.ts";
import { MessageReader } from "./message-reader.ts";
import { RequestHeaders } from "./request-headers.ts";

/** All ways to cut bytes into pieces of one size. */
function* piecesOf(bytes: Buffer): Generator<Buffer[]> {
  for (let size = 1; size <= bytes.length; size++) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    yield pieces;
  }
}

describe("frames", () => {
  const bytes = Buffer.concat([
    frame(FrameType.settings, 0, 0, Buffer.alloc(0)),
    frame(FrameType.headers, Flag.endHeaders, 3, Buffer.from("block")),
    frame(FrameType.data, 0, 3, Buffer.from("hello ")),
    frame(FrameType.data, Flag.endStream, 3, Buffer.from("world")),
    frame(FrameType.ping, 0, 0, Buffer.from("12345678")),
  ]);

  it("are the same wherever they are cut", () => {
    for (const pieces of piecesOf(bytes)) {
      const frames: string[] = [];
      let data = "";
      let ended = 0;
      const reader = new FrameReader({
        frame: (type, flags, stream, payload) => {
          frames.push(`${type} ${flags} ${stream} ${payload}`);
        },
        data: (stream, piece, ends) => {
          expect(stream).toBe(3);
          data += piece;
          if (ends) ended++;
        },
      });
      for (const piece of pieces) reader.push(piece);
      expect(frames).toEqual(["4 0 0 ", "1 4 3 block", "6 0 0 12345678"]);
      expect([data, ended]).toEqual(["hello world", 1]);
    }
  });
});

describe("messages", () => {
  it("are the same wherever they are cut", () => {
    const texts = ["one", "", "three and more"];
    const bytes = Buffer.concat(
      texts.map((text) => Buffer.concat([Buffer.of(0, 0, 0, 0, text.length), Buffer.from(text)])),
    );
    for (const pieces of piecesOf(bytes)) {
      const messages: string[] = [];
      const reader = new MessageReader((message) => messages.push(message.toString()));
      for (const piece of pieces) reader.push(piece);
      expect(messages).toEqual(texts);
    }
  });
});

describe("request headers", () => {
  it("are written out once for each path, and then pointed to", () => {
    const headers = new RequestHeaders("127.0.0.1:4270");
    const first = headers.block("/a/One");
    expect(first.toString("latin1")).toContain("/a/One");
    const again = headers.block("/a/One");
    expect(again).toHaveLength(6);
    expect(headers.block("/a/Two").toString("latin1")).toContain("/a/Two");
    // A new entry moves the others by one place.
    expect(headers.block("/a/One")).not.toEqual(again);
    expect(headers.block("/a/One")).toHaveLength(6);
  });
});
