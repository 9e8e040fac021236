import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkOneInput, readJsonObject, readPayload } from "./payload.js";

const nothing = Readable.from([]);
const text = '{"n": 12345678901234567890}';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "varve-payload-"));
  await writeFile(join(folder, "data.json"), `${text}\n`);
  await writeFile(join(folder, "data.bin"), Buffer.from([0, 255]));
});

afterAll(() => rm(folder, { recursive: true }));

const data = (word: string) => ({ option: "--data", word });

describe("readPayload", () => {
  it("takes JSON with every digit from the command line, a file, or standard input", async () => {
    const expected = { data: Buffer.from(text), contentType: "application/json" };
    expect(await readPayload(nothing, data(` ${text} `))).toEqual(expected);
    expect(await readPayload(nothing, data(`@${join(folder, "data.json")}`))).toEqual(expected);
    expect(await readPayload(Readable.from([Buffer.from(text)]), data("-"))).toEqual(expected);
  });

  // What is not JSON was stored as JSON, and could not be read back.
  it("checks data with an empty content type, which stands for JSON", async () => {
    const refused = readPayload(nothing, data("{n:1}"), "");
    await expect(refused).rejects.toThrow("--data is not JSON");
  });

  it("takes bytes as they are for another content type", async () => {
    const word = data(`@${join(folder, "data.bin")}`);
    expect(await readPayload(nothing, word, "image/png")).toEqual({
      data: Buffer.from([0, 255]),
      contentType: "image/png",
    });
  });

  it.each([
    ["{n:1}", "--data is not JSON"],
    ["@none", "--data: the file none cannot be read"],
    ["", "--data is not JSON"],
  ])("refuses %j", async (word, message) => {
    await expect(readPayload(nothing, data(word))).rejects.toThrow(message);
  });

  it("refuses bytes that should be JSON", async () => {
    const word = data(`@${join(folder, "data.bin")}`);
    await expect(readPayload(nothing, word, "a/b+json")).rejects.toThrow("--data is not JSON");
  });
});

describe("readJsonObject", () => {
  it("keeps the text", async () => {
    expect(String(await readJsonObject(nothing, data(text)))).toBe(text);
  });

  it.each(["[]", "1", "null", '"text"'])("refuses %s", async (word) => {
    await expect(readJsonObject(nothing, data(word))).rejects.toThrow("must be a JSON object");
  });
});

it("standard input is read once", () => {
  expect(() => checkOneInput(["-", undefined])).not.toThrow();
  expect(() => checkOneInput(["-", "-"])).toThrow("can be read once");
});
