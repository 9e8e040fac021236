import { describe, expect, it } from "vitest";
import { readArguments, UsageError } from "./arguments.ts";

describe("the arguments of the runner", () => {
  it("are all optional; the seed is then a new one", () => {
    const { seed, ...rest } = readArguments([]);
    expect(seed).toBeGreaterThanOrEqual(0);
    expect(rest).toMatchObject({ rounds: undefined, only: [], bail: false });
  });

  it("choose scenarios, rounds and a seed", () => {
    const args = ["--only", "kill,power-loss", "--rounds", "3", "--seed", "0"];
    expect(readArguments(args)).toMatchObject({ only: ["kill", "power-loss"], rounds: 3, seed: 0 });
  });

  it.each([
    [["--rounds", "0"], /--rounds must be a whole number from 1/],
    [["--rounds", "many"], /is "many"/],
    [["--seed", "4294967296"], /--seed must be a whole number from 0 to 2147483647/],
    [["--speed", "1"], /--speed/],
    [["kill"], /kill/],
  ])("are refused with a sentence: %j", (args, message) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow(message);
  });
});
