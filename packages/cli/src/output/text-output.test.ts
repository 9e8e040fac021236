import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { collector } from "../testing/run.js";
import { OutputClosedError, TextOutput } from "./text-output.js";

describe("TextOutput", () => {
  it("writes lines that come at once together, and without being asked to", async () => {
    const written = new Promise((resolve) => {
      const stream = new Writable({ write: (chunk) => resolve(String(chunk)) });
      const out = new TextOutput(stream);
      out.line("a");
      out.line("b");
    });
    expect(await written).toBe("a\nb\n");
  });

  it("keeps a fast writer waiting while the reader is slow", async () => {
    const reader = Promise.withResolvers<void>();
    const stream = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => void reader.promise.then(() => done()),
    });
    const out = new TextOutput(stream);
    out.line("a");
    const flushed = out.flush();
    let isWritten = false;
    const second = out.line("b")?.then(() => {
      isWritten = true;
    });
    await new Promise(setImmediate);
    expect([second !== undefined, isWritten]).toEqual([true, false]);
    reader.resolve();
    await Promise.all([flushed, second]);
    expect(isWritten).toBe(true);
  });

  it("says that the reader has gone, at once and ever after", async () => {
    const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
    const out = new TextOutput(stream);
    out.line("a");
    await expect(out.flush()).rejects.toThrow(OutputClosedError);
    out.line("b");
    await expect(out.flush()).rejects.toThrow(OutputClosedError);
  });

  it("passes on what else goes wrong with the stream", async () => {
    const stream = new Writable({ write: (_c, _e, done) => done(new Error("disk full")) });
    const out = new TextOutput(stream);
    out.line("a");
    await expect(out.flush()).rejects.toThrow("disk full");
  });

  it("writes all of a long output", async () => {
    const { stream, text } = collector();
    const out = new TextOutput(stream);
    for (let i = 0; i < 20_000; i += 1) await out.line(`line ${i}`);
    await out.flush();
    expect(text().split("\n")).toHaveLength(20_001);
  });
});
