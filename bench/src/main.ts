/** The command of the suite: `npm run bench`. See `help` in `options.ts`. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inRunFolder, say, write } from "./command.ts";
import { help, type Options, OptionsError, readOptions } from "./options.ts";
import { chartOf } from "./report/chart.ts";
import { tableOf } from "./report/table.ts";
import { runSuite } from "./suite.ts";

const bench = fileURLToPath(new URL("..", import.meta.url));
const profiles = join(bench, "results", "profiles");
const latest = join(bench, "results", "latest.json");
const chart = join(bench, "..", "docs", "benchmarks.svg");

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await main(options);
} catch (error) {
  const known = error instanceof OptionsError;
  console.error(known ? `${error.message}\n\n${help}` : error);
  process.exitCode = known ? 2 : 1;
}

async function main(options: Options): Promise<void> {
  const cache = resolve(options.folder ?? join(bench, ".cache"));
  await inRunFolder(cache, async (run) => {
    const report = await runSuite(options, { cache, run, profiles }, say);
    console.log(tableOf(report));
    write(options.output ?? latest, `${JSON.stringify(report, undefined, 2)}\n`);
    if (options.chart) write(chart, chartOf(report));
    if (options.profile) say(`The profiles are in ${profiles}`);
  });
}
