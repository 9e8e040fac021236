import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { installOnce } from "./once.ts";

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "varve-peers-"));
  said = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

function install(fill: (unfinished: string) => Promise<void>): Promise<string> {
  return installOnce({ folder, say: (sentence) => said.push(sentence) }, "thing-1", fill);
}

it("fills a folder the first time only", async () => {
  const fill = async (unfinished: string): Promise<void> =>
    writeFileSync(join(unfinished, "file"), "content");
  const first = await install(fill);
  const second = await install(() => Promise.reject(new Error("is not called")));
  expect(second).toBe(first);
  expect(readFileSync(join(first, "file"), "utf8")).toBe("content");
  expect(said).toEqual(["Installing thing-1, once …"]);
});

it("begins anew if it was not finished", async () => {
  const failing = install(async (unfinished) => {
    writeFileSync(join(unfinished, "half"), "");
    throw new Error("no network");
  });
  await expect(failing).rejects.toThrow("no network");
  const whole = await install(async () => {});
  expect(existsSync(join(whole, "half"))).toBe(false);
});
