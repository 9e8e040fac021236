// Installs and builds what is not up to date, then starts the server, the tests, those with
// tools of others, the faults, the benchmarks or a release. Runs on the Node of the machine,
// which may be older than the one that the workspace brings along: only what Node 20 knows,
// and no dependency.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const PNPM = "pnpm@12.21.0";
const root = fileURLToPath(new URL("..", import.meta.url));
const binaries = join(root, "node_modules", ".bin");
const stampFile = join(root, "node_modules", ".varve-installed");
const env = {
  ...process.env,
  PATH: binaries + delimiter + process.env.PATH,
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
};

const [command, ...rest] = process.argv.slice(2);
const commands = {
  start: {
    build: ["--filter=@varve/cli..."],
    run: ["node", ["packages/cli/bin/varve.js", "serve", ...rest]],
  },
  test: { build: [], run: ["vitest", ["run", ...rest]] },
  tools: { build: [], run: ["vitest", ["run", "--config", "vitest.tools.config.ts", ...rest]] },
  faults: { build: [], run: ["node", ["test/faults/main.ts", ...rest]] },
  packages: {
    build: [],
    run: ["vitest", ["run", "--config", "test/packages/vitest.config.ts", ...rest]],
  },
  // Builds by itself, from nothing.
  release: { run: ["node", ["scripts/release/main.ts", ...rest]] },
  bench: {
    build: ["--filter=@varve/bench..."],
    run: ["node", ["bench/src/main.ts", ...rest]],
  },
  peers: {
    build: ["--filter=@varve/bench..."],
    run: ["node", ["bench/src/peers/main.ts", ...rest]],
  },
};
const chosen = commands[command];
if (!chosen) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(commands).join("|")} [ARGUMENT...]`);
  process.exit(2);
}

install();
if (chosen.build) build(chosen.build);
become(...chosen.run);

/** Does nothing if the lock file and the manifests are those of the last time. */
function install() {
  const stamp = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  runOrExit("Installing into node_modules", "npx", ["-y", PNPM, "install", "--frozen-lockfile"]);
  writeFileSync(stampFile, stamp);
}

/** Through pnpm, because turbo calls pnpm for each package. */
function build(filters) {
  const turbo = ["-y", PNPM, "exec", "turbo", "run", "build", "--output-logs=errors-only"];
  runOrExit("Building what has changed", "npx", [...turbo, ...filters]);
}

function fingerprint() {
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  const examples = readdirSync(join(root, "examples")).map((name) => join("examples", name));
  const folders = [".", "proto", "test", "test/packages", "bench", ...packages, ...examples];
  const manifests = folders.map((folder) => join(folder, "package.json"));
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) {
    if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Says what it does, and shows the output only if it fails. Standard output stays free. */
function runOrExit(what, file, args) {
  console.error(`${what} …`);
  const { status, error, output } = spawnSync(file, args, { cwd: root, env, encoding: "utf8" });
  if (status === 0) return;
  console.error(error ? `cannot run ${file}: ${error.message}` : output.join(""));
  process.exit(status ?? 1);
}

/** Ends as the command ends, and hands it the signals it gets. */
function become(file, args) {
  const child = spawn(file, args, { cwd: root, env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`cannot run ${file}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (status, signal) => {
    if (signal) process.removeAllListeners(signal);
    if (signal) process.kill(process.pid, signal);
    else process.exit(status ?? 1);
  });
}
