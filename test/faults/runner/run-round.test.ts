import { access, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Round, RoundReport, Scenario } from "../scenario.ts";
import { runRound, seedOfRound } from "./run-round.ts";

const never: AbortSignal = new AbortController().signal;

function scenario(run: (round: Round) => Promise<RoundReport>): Scenario {
  return { name: "made-up", description: "", rounds: 1, run };
}

describe("the seed of a round", () => {
  it("is that of the run for the first round, so that any round can be run as the first", () => {
    expect(seedOfRound(42, 0)).toBe(42);
    expect(seedOfRound(seedOfRound(42, 7), 0)).toBe(seedOfRound(42, 7));
  });

  it("is the same in each run, and another for each round", () => {
    const seeds = Array.from({ length: 100 }, (_, i) => seedOfRound(42, i));
    expect(Array.from({ length: 100 }, (_, i) => seedOfRound(42, i))).toEqual(seeds);
    expect(new Set(seeds).size).toBe(100);
    for (const seed of seeds) expect(seed).toBeLessThan(2 ** 31);
  });
});

describe("a round", () => {
  it("makes the same choices from the same seed", async () => {
    const chosen: number[] = [];
    const choosing = scenario(async ({ random }) => {
      chosen.push(random.integer(0, 1e9));
      return { faults: {}, counts: {}, violations: [] };
    });
    for (const seed of [1, 1, 2]) await runRound(choosing, seed, never);
    expect(chosen[0]).toBe(chosen[1]);
    expect(chosen[0]).not.toBe(chosen[2]);
  });

  it("leaves nothing behind if every guarantee held", async () => {
    let folder = "";
    const result = await runRound(
      scenario(async (round) => {
        folder = round.folder;
        await writeFile(join(folder, "data"), "");
        return { faults: { fire: 1 }, counts: {}, violations: [] };
      }),
      1,
      never,
    );
    expect(result).toMatchObject({ scenario: "made-up", seed: 1, report: { faults: { fire: 1 } } });
    expect(result.folder).toBeUndefined();
    await expect(access(folder)).rejects.toThrow("ENOENT");
  });

  it.each<[string, (round: Round) => Promise<RoundReport>]>([
    [
      "a guarantee did not hold",
      async () => ({ faults: {}, counts: {}, violations: [{ guarantee: "G1", message: "lost" }] }),
    ],
    [
      "it could not be judged",
      async () => {
        throw new Error("no disk");
      },
    ],
  ])("keeps its folder if %s", async (_, run) => {
    const result = await runRound(scenario(run), 1, never);
    expect(result.error?.message ?? result.report?.violations[0]?.message).toMatch(/lost|no disk/);
    await access(result.folder ?? "");
    await rm(result.folder ?? "", { recursive: true });
  });
});
