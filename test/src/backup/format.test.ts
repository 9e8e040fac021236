import { readFileSync } from "node:fs";
import { decodeBackup } from "@varve/engine";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../../docs/backup.md", import.meta.url), "utf8");

/** The bytes of the worked example: what stands before the words. */
function workedExample(): Buffer {
  const [, example = ""] = /<!-- tested:[^>]*-->\n```\n(.*?)```/s.exec(page) ?? [];
  const digits = [...example.matchAll(/^ *((?:[0-9a-f]+ ?)+)(?: {2}|$)/gm)].map(([, run]) => run);
  return Buffer.from(digits.join("").replaceAll(" ", ""), "hex");
}

describe("docs/backup.md", () => {
  it("has a worked example that is a backup", async () => {
    const bytes = (async function* () {
      yield workedExample();
    })();
    const frames = [];
    for await (const frame of decodeBackup(bytes)) frames.push(frame);
    expect(frames).toMatchObject([
      { kind: "header", header: { workspace: "default", after: 0, head: 1 } },
      { kind: "blocks", blocks: [{ lastPosition: 1, count: 1, timeMs: 1_700_000_000_000 }] },
      { kind: "end" },
    ]);
  });
});
