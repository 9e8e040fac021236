import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BareServer } from "./baseline/bare-server.ts";
import type { Disk } from "./baseline/disk.ts";
import { type Result, resultOf } from "./comparison/result.ts";
import { measureRound } from "./comparison/rounds.ts";
import { cachedDatabase } from "./database/cache.ts";
import { Lab } from "./lab.ts";
import type { VarveServer } from "./process/varve-server.ts";
import { workloads } from "./workloads/index.ts";

/*
 * These prove that the suite runs: every workload, as small and short as can be, with
 * servers that they share. They say nothing of any figure.
 */

const EVENTS = 1000;
const SECONDS = 0.02;

class SharedLab extends Lab {
  #varve: Promise<VarveServer> | undefined;
  #bare: Promise<BareServer> | undefined;
  #disk: Disk | undefined;

  override varve(): Promise<VarveServer> {
    this.#varve ??= super.varve();
    return this.#varve;
  }

  override bare(): Promise<BareServer> {
    this.#bare ??= super.bare();
    return this.#bare;
  }

  override disk(): Disk {
    this.#disk ??= super.disk();
    return this.#disk;
  }
}

let folder: string;
let lab: Lab;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "varve-bench-"));
  const database = { folder: cachedDatabase(folder, EVENTS, () => {}), events: EVENTS };
  const databases = { base: database, million: database, large: database };
  lab = new SharedLab({ name: "smoke", folder, databases, cores: {}, seed: 1, seconds: SECONDS });
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

it.each(workloads.map((workload) => [workload.id, workload] as const))(
  "%s runs and has results",
  async (_, workload) => {
    const { sides, comparisons } = await workload.prepare(lab);
    const round = await measureRound(sides, SECONDS);
    const results = comparisons.map((comparison) => resultOf(workload, comparison, [round]));

    expect(results.length).toBeGreaterThan(0);
    for (const result of results) expectShape(result, workload.id);
  },
);

it("runs from the command line and writes what it found", () => {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const output = join(folder, "results.json");
  const small = ["--seconds", String(SECONDS), "--repeats", "1", "--scale", "0.01"];
  const args = [main, "W2", ...small, "--output", output];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });

  expect(stderr).toContain("W2 unary Append");
  expect(status).toBe(0);
  expect(stdout).toContain("with append ids");
  const report = JSON.parse(readFileSync(output, "utf8"));
  expect(report).toMatchObject({
    command: "npm run bench -- W2 --seconds 0.02 --repeats 1 --scale 0.01",
    repeats: 1,
    events: { base: EVENTS },
    sync: { p50Us: expect.any(Number), durable: expect.any(Boolean) },
    versions: { node: process.versions.node, varve: expect.any(String) },
  });
  expect(report.results).toHaveLength(2);
  for (const result of report.results) expectShape(result, "W2");
});

function expectShape(result: Result, id: string): void {
  const spread = [expect.any(Number), expect.any(Number)];
  expect(result).toMatchObject({
    id,
    case: expect.any(String),
    value: expect.any(Number),
    unit: expect.any(String),
    baseline: expect.any(String),
    baselineValue: expect.any(Number),
    ratio: expect.any(Number),
    spread: { value: spread, baselineValue: spread, ratio: spread },
    cpu: { clientUsPerEvent: expect.any(Number), clientBusy: expect.any(Number) },
    repeats: 1,
  });
  expect(Number.isFinite(result.value)).toBe(true);
  expect(Number.isFinite(result.baselineValue)).toBe(true);
}
