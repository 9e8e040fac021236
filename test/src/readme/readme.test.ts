import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), "varve-readme-"));
let server: ChildProcess;
let env: NodeJS.ProcessEnv;

/** The lines of the block of a language that stands under "tested:" in the README. */
function block(language: string): string {
  const found = new RegExp(`<!-- tested:[^>]*-->\n\`\`\`${language}\n(.*?)\`\`\``, "s").exec(
    readme,
  );
  return found?.[1] ?? "";
}

const commands = block("sh")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

/** Runs a command of the README as it stands there; its output, line by line. */
async function outputOf(command: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await run("bash", ["-c", command], { cwd: root, env });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function command(start: string): string {
  const found = commands.find((line) => line.startsWith(`npx varve ${start}`));
  if (!found) throw new Error(`the README has no command that begins with "npx varve ${start}"`);
  return found;
}

beforeAll(async () => {
  const bin = join(root, "packages/cli/bin/varve.js");
  const args = [bin, "serve", "--data", join(folder, "data"), "--listen", "127.0.0.1:0"];
  server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [banner] = (await once(server.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const address = /127\.0\.0\.1:\d+/.exec(banner.toString())?.[0];
  env = { ...process.env, VARVE_ADDRESS: address };
});

afterAll(async () => {
  server.kill("SIGTERM");
  const [status] = await once(server, "exit");
  rmSync(folder, { recursive: true });
  expect(status).toBe(0);
});

describe("the README's commands", () => {
  it("import every event once, however often they run", async () => {
    const summary = { events: 144, streams: 24, lastPosition: "144" };
    expect((await outputOf(command("import"))).at(-1)).toEqual({ ...summary, repeated: 0 });
    expect((await outputOf(command("import"))).at(-1)).toEqual({ ...summary, repeated: 144 });
  });

  it("replay by type, and backwards by tag", async () => {
    const byType = await outputOf(command("replay --type"));
    expect(byType.map((e) => e.position)).toEqual(["1", "2", "3"]);
    const byTag = await outputOf(command("replay --tag"));
    expect(byTag).toHaveLength(3);
    expect(byTag.every((e) => (e.tags as string[]).includes("clerk:Ada"))).toBe(true);
    expect(Number(byTag[0]?.position)).toBeGreaterThan(Number(byTag[1]?.position));
  });

  it("read one permit, whole and in part", async () => {
    const reads = commands.filter((line) => line.startsWith("npx varve read"));
    const [whole, part] = await Promise.all(reads.map(outputOf));
    expect(whole?.map((e) => e.revision)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(part?.map((e) => e.revision)).toEqual(["0", "1", "2"]);
  });

  it("append under a condition, which holds once", async () => {
    expect(await outputOf(command("append"))).toHaveLength(1);
    await expect(run("bash", ["-c", command("append")], { cwd: root, env })).rejects.toMatchObject({
      code: 1,
    });
  });

  it("tell what there is", async () => {
    const [stream] = await outputOf(command("stream "));
    expect(stream).toMatchObject({ stream: "permit-891", lastRevision: "6" });
    expect((await outputOf(command("streams"))).length).toBe(9);
    expect((await outputOf(command("status")))[0]).toMatchObject({ head: "145" });
    expect(await outputOf(command("export"))).toHaveLength(6);
  });
});

describe("the README's program", () => {
  it("runs as it stands", async () => {
    const file = join(root, "test", ".readme-program.ts");
    writeFileSync(file, block("ts"));
    try {
      const { stdout } = await run(process.execPath, [file], { env });
      const lines = stdout.trim().split("\n");
      expect(lines[0]).toContain("expected stream");
      expect(lines[1]).toBe("2");
      expect(lines.slice(2).map((line) => line.split(" ")[1])).toEqual([
        "order.Placed",
        "order.Paid",
      ]);
    } finally {
      rmSync(file);
    }
  });
});
