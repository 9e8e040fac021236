/**
 * Proves that the scenarios and their checkers notice what goes wrong: breaks the built
 * packages in one place at a time, in a copy, runs the scenario that must notice it against
 * the copy, and tells which were caught. Run by hand, after a build:
 *
 *     node test/faults/mutations.mjs [--only PART_OF_A_NAME_OR_SCENARIO] [--seed S]
 */

import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutations } from "./mutations/index.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copied = [
  "proto",
  "packages/engine",
  "packages/client",
  "packages/testing",
  "packages/server",
  "packages/cli",
];
const EXIT_VIOLATED = 1;
/** What is broken may break another guarantee first; then it is tried again. */
const TRIES = 5;

const { values } = parseArgs({ options: { only: { type: "string" }, seed: { type: "string" } } });
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));

/** A copy whose links between packages lead to the copy, and all others to the originals. */
async function copyPackages() {
  const folder = await mkdtemp(join(tmpdir(), "varve-mutations-"));
  // What is built has a folder of this name, too.
  const filter = (path) => basename(path) !== "src" || path.includes("dist");
  for (const name of copied) {
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter,
    });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Applies the changes; returns the sources as they were, or which place there is not. */
async function change(folder, changes) {
  const before = new Map();
  for (const [file, from, to] of changes) {
    const path = join(folder, file);
    const source = await readFile(path, "utf8");
    if (!before.has(path)) before.set(path, source);
    if (source.split(from).length !== 2) return { before, missing: `${file} has no such place` };
    await writeFile(
      path,
      source.replace(from, () => to),
    );
  }
  return { before };
}

/** The report of a run of one scenario against the copy. */
async function run(folder, { scenario, rounds }, seed) {
  const report = join(folder, "report.json");
  await rm(report, { force: true });
  const args = ["--only", scenario, "--rounds", rounds, "--seed", seed, "--root", folder];
  const main = join(root, "test/faults/main.ts");
  const child = spawn(process.execPath, [main, ...args, "--bail", "--report", report], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const written = await readFile(report, "utf8").catch(() => undefined);
  if (written === undefined) return { code, results: [{ error: `no report, exit code ${code}` }] };
  const { rounds: results } = JSON.parse(written);
  for (const { folder: kept } of results) if (kept) await rm(kept, { recursive: true });
  return { code, results };
}

/** Whether the scenario finds a violation of the guarantee while the packages are broken. */
async function tryMutation(folder, mutation) {
  const { before, missing } = await change(folder, mutation.changes);
  try {
    if (missing) return { caught: false, said: missing };
    for (let tries = 1; ; tries++) {
      const verdict = judge(await run(folder, mutation, firstSeed + tries - 1), mutation);
      if (verdict.caught || !verdict.foundOther || tries === TRIES) return verdict;
    }
  } finally {
    for (const [path, source] of before) await writeFile(path, source);
  }
}

function judge({ code, results }, { guarantee }) {
  const violations = results.flatMap(({ report }) => report?.violations ?? []);
  const found = violations.find((violation) => violation.guarantee === guarantee);
  const after = `after ${results.length} ${results.length === 1 ? "round" : "rounds"}`;
  if (code === EXIT_VIOLATED && found) return { caught: true, said: `${after}: ${found.message}` };
  const others = violations.map((violation) => `${violation.guarantee}: ${violation.message}`);
  const errors = results.flatMap(({ error }) => error ?? []);
  const said = [...errors, ...others][0] ?? `nothing was found ${after}`;
  return { caught: false, foundOther: others.length > 0, said };
}

const wanted = values.only ?? "";
const chosen = mutations.filter(
  ({ name, scenario }) => name.includes(wanted) || scenario === wanted,
);
if (chosen.length === 0) throw new Error(`there is no mutation "${wanted}"`);
console.log(`seed ${firstSeed}`);
const folder = await copyPackages();
try {
  const missed = [];
  for (const mutation of chosen) {
    const { caught, said } = await tryMutation(folder, mutation);
    if (!caught) missed.push(mutation);
    const verdict = caught ? "caught    " : "NOT CAUGHT";
    const { guarantee, name, scenario } = mutation;
    console.log(`${verdict}  ${guarantee.padEnd(3)}  ${name} (${scenario})\n            ${said}`);
  }
  console.log(`\n${chosen.length - missed.length} of ${chosen.length} caught`);
  for (const { guarantee, name } of missed) console.log(`NOT CAUGHT  ${guarantee}  ${name}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
