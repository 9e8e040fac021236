import { parseArgs } from "node:util";

export interface Arguments {
  /** Of each chosen scenario; `undefined`: its own default. */
  readonly rounds: number | undefined;
  /** Names of scenarios. Empty: all. */
  readonly only: readonly string[];
  readonly seed: number;
  /** File for the report as JSON. */
  readonly report: string | undefined;
  /** Folder of the packages whose server is run. */
  readonly root: string | undefined;
  /** End at the first round that finds something. */
  readonly bail: boolean;
  readonly help: boolean;
}

export const USAGE: string = `usage: npm run test:faults -- [OPTION...]

  --rounds N     rounds of each scenario (default: its own, a few minutes in all)
  --only NAMES   scenarios to run, separated by commas (default: all)
  --seed S       where all choices come from (default: a new one, which is printed)
  --report FILE  writes what was done and found as JSON
  --bail         ends at the first round that finds something
  --root DIR     runs the server of other packages than those of this checkout`;

/** An argument is wrong; the message is a sentence for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  rounds: text,
  only: text,
  seed: text,
  report: text,
  root: text,
  bail: flag,
  help: flag,
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

/** Throws `UsageError`. */
export function readArguments(args: readonly string[]): Arguments {
  const { rounds, only, seed, report, root, bail = false, help = false } = parse(args);
  return {
    rounds: rounds === undefined ? undefined : toNumber("--rounds", rounds, 1),
    only: only?.split(",").filter((name) => name !== "") ?? [],
    seed: seed === undefined ? newSeed() : toNumber("--seed", seed, 0),
    report,
    root,
    bail,
    help,
  };
}

function parse(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function toNumber(name: string, value: string, min: number): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number < 2 ** 31) return number;
  throw new UsageError(
    `${name} must be a whole number from ${min} to ${2 ** 31 - 1}, is "${value}"`,
  );
}

function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
