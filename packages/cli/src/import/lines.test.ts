import { describe, expect, it } from "vitest";
import { splitLines } from "./lines.js";

async function split(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const { bytes } of splitLines(inputOf(chunks))) lines.push(bytes.toString());
  return lines;
}

async function* inputOf(chunks: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe("splitLines", () => {
  it("finds no line in an empty input", async () => {
    expect(await split()).toEqual([]);
    expect(await split("")).toEqual([]);
  });

  it("cuts at LF and at CR LF", async () => {
    expect(await split("a\nb\r\nc\n")).toEqual(["a", "b", "c"]);
  });

  it("takes a last line without an end", async () => {
    expect(await split("a\nb")).toEqual(["a", "b"]);
  });

  it("keeps empty lines, so that line numbers are those of the file", async () => {
    expect(await split("\n\r\na\n\n")).toEqual(["", "", "a", ""]);
  });

  it("joins a line that comes in pieces", async () => {
    const [first = 0, ...rest] = Buffer.from("ö\r\n");
    expect(await split("a", "b", "c\nd\r", "\n", Buffer.from([first]), Buffer.from(rest))).toEqual([
      "abc",
      "d",
      "ö",
    ]);
  });

  it("drops a byte order mark at the start alone", async () => {
    expect(await split("\ufeffa\n\ufeffb")).toEqual(["a", "\ufeffb"]);
  });

  it("tells how much of the input each line ends at", async () => {
    const ends: number[] = [];
    for await (const line of splitLines(inputOf(["ab\nc", "d\r\ne"]))) ends.push(line.readBytes);
    expect(ends).toEqual([3, 7, 8]);
  });

  it("refuses a line that does not end", async () => {
    const endless = Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024, "x"));
    await expect(split(...endless)).rejects.toThrow("it is longer than 16 MiB");
  });
});
