import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Arguments, readArguments, USAGE, UsageError } from "./runner/arguments.ts";
import { findings, roundLine } from "./runner/progress.ts";
import { type RoundResult, runRound, seedOfRound } from "./runner/run-round.ts";
import { summarize, summaryText } from "./runner/summary.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { ROOT_VARIABLE } from "./server.ts";

/** Something was found. */
const EXIT_VIOLATED = 1;
const EXIT_USAGE = 2;
/** A round could not be judged. */
const EXIT_BROKEN = 3;
const EXIT_INTERRUPTED = 130;

// Node may keep what is left of a connection that broke while it was being closed.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  try {
    const settings = readArguments(args);
    const chosen = choose(settings.only);
    if (!settings.help) return await run(settings, chosen);
    console.log(
      `${USAGE}\n\n${scenarios.map(({ name, description }) => `${name}: ${description}`).join("\n")}`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
}

function choose(only: readonly string[]): readonly Scenario[] {
  const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  const known = scenarios.map(({ name }) => name).join(", ");
  if (unknown.length > 0) {
    throw new UsageError(`there is no scenario ${unknown.join(", ")}; there are ${known}`);
  }
  return only.length === 0 ? scenarios : scenarios.filter(({ name }) => only.includes(name));
}

async function run(settings: Arguments, chosen: readonly Scenario[]): Promise<number> {
  if (settings.root) process.env[ROOT_VARIABLE] = resolve(settings.root);
  const interrupted = interruption();
  console.log(`seed ${settings.seed}`);
  const results = await runAll(settings, chosen, interrupted);
  const summaries = summarize(results);
  console.log(`\n${summaryText(summaries)}`);
  if (settings.report) {
    const report = { seed: settings.seed, summaries, rounds: results.map(toJson) };
    await writeFile(settings.report, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (summaries.some(({ violations }) => violations > 0)) return EXIT_VIOLATED;
  if (interrupted.aborted) return EXIT_INTERRUPTED;
  return summaries.some(({ broken }) => broken > 0) ? EXIT_BROKEN : 0;
}

async function runAll(
  { rounds, seed, bail }: Arguments,
  chosen: readonly Scenario[],
  interrupted: AbortSignal,
): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  for (const scenario of chosen) {
    const count = rounds ?? scenario.rounds;
    for (let i = 0; i < count && !interrupted.aborted; i++) {
      const result = await runRound(scenario, seedOfRound(seed, i), interrupted);
      // What an interruption breaks says nothing.
      if (interrupted.aborted) return results;
      results.push(result);
      console.log([roundLine(result, i + 1, count), ...findings(result)].join("\n"));
      if (bail && (result.error || result.report?.violations.length)) return results;
    }
  }
  return results;
}

/** The first interruption lets the round clean up after itself; another ends at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      console.error("stopping after this round; once more to stop at once");
      controller.abort();
    });
  }
  return controller.signal;
}

function toJson({ error, ...result }: RoundResult): object {
  return error ? { ...result, error: error.stack ?? error.message } : result;
}
