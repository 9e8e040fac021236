/** The command that compares Varve with others: `npm run bench:peers`. See `options.ts`. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inRunFolder, say, write } from "../command.ts";
import { OptionsError } from "../options.ts";
import { InstallError } from "./install/tool.ts";
import { type PeersOptions, peersHelp, readPeersOptions } from "./options.ts";
import { markdownOf } from "./report/markdown.ts";
import { peersTableOf } from "./report/table.ts";
import { runPeers } from "./suite.ts";

const bench = fileURLToPath(new URL("../..", import.meta.url));
const latest = join(bench, "results", "peers.json");

try {
  const options = readPeersOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(peersHelp);
  else await main(options);
} catch (error) {
  fail(error);
}

async function main(options: PeersOptions): Promise<void> {
  const cache = resolve(options.folder ?? join(bench, ".cache"));
  await inRunFolder(cache, async (run) => {
    const report = await runPeers(options, { programs: join(cache, "peers"), run }, say);
    console.log(peersTableOf(report));
    const output = options.output ?? latest;
    write(output, `${JSON.stringify(report, undefined, 2)}\n`);
    write(output.replace(/(\.json)?$/, ".md"), markdownOf(report));
  });
}

function fail(error: unknown): void {
  process.exitCode = 1;
  if (error instanceof OptionsError) {
    console.error(`${error.message}\n\n${peersHelp}`);
    process.exitCode = 2;
  } else console.error(error instanceof InstallError ? error.message : error);
}
