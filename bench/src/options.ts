import { parseArgs } from "node:util";
import { workloads } from "./workloads/index.ts";

/** What a run does: see `help`. */
export interface Options {
  /** Ids of workloads, in their order. */
  readonly ids: readonly string[];
  readonly seconds: number;
  readonly repeats: number;
  /** Whether the large log has ten million events. */
  readonly full: boolean;
  /** All databases are so much larger, or smaller. */
  readonly scale: number;
  /** Where databases are kept, on the disk that is measured. Default: bench/.cache. */
  readonly folder: string | undefined;
  readonly profile: boolean;
  readonly chart: boolean;
  /** Where the results go. Default: bench/results/latest.json. */
  readonly output: string | undefined;
  readonly help: boolean;
}

/** An option is wrong. The message is a sentence for the user. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

export const help: string = `npm run bench -- [W1 …] [OPTION …]

Measures the workloads that are named, or all of them, and writes
bench/results/latest.json. docs/benchmarks.md says what they are.

  --full          W11 and W12 on ten million events; that is also what they get when
                  they are named. Filled once and kept: some minutes, 3 GB of disk
  --profile       profiles of servers and load into bench/results/profiles; the
                  figures of such a run are worth less
  --chart         draws docs/benchmarks.svg
  --seconds N     of each repeat, about (default 1.5)
  --repeats N     of each side (default 5)
  --scale N       databases of N times the size (default 1)
  --folder DIR    keeps databases there, which is the disk that is measured
  --output FILE   writes the results there instead
  --help
`;

/** Throws `OptionsError`. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const ids = positionals.map((id) => id.toUpperCase());
  for (const id of ids) {
    if (!workloads.some((workload) => workload.id === id)) {
      throw new OptionsError(`there is no workload ${id}`);
    }
  }
  const large = ids.some((id) => id === "W11" || id === "W12");
  return {
    ids: workloads.map(({ id }) => id).filter((id) => ids.length === 0 || ids.includes(id)),
    seconds: positive("seconds", values.seconds ?? "1.5"),
    repeats: Math.ceil(positive("repeats", values.repeats ?? "5")),
    full: values.full === true || (large && values.scale === undefined),
    scale: positive("scale", values.scale ?? "1"),
    folder: values.folder,
    profile: values.profile === true,
    chart: values.chart === true,
    output: values.output,
    help: values.help === true,
  };
}

interface Parsed {
  readonly values: {
    readonly [name in "full" | "profile" | "chart" | "help"]?: boolean | undefined;
  } & {
    readonly [name in "seconds" | "repeats" | "scale" | "folder" | "output"]?: string | undefined;
  };
  readonly positionals: readonly string[];
}

function parse(args: readonly string[]): Parsed {
  const flag = { type: "boolean" } as const;
  const value = { type: "string" } as const;
  const options = {
    full: flag,
    profile: flag,
    chart: flag,
    help: flag,
    seconds: value,
    repeats: value,
    scale: value,
    folder: value,
    output: value,
  };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

/** Throws `OptionsError` unless the text of the option is a number greater than 0. */
export function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new OptionsError(`--${name} must be a number greater than 0, is ${JSON.stringify(text)}`);
}
