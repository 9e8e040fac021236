/**
 * Proves that the contract suite notices what goes wrong: breaks what is built
 * in one place at a time, in a copy of the packages, runs the suite over the
 * in-memory store, and tells which breaks were caught. Run by hand, after a build:
 *
 *     node test/src/contract/mutations.mjs [part of a name]
 */

import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { filtering } from "./mutations/filtering.mjs";
import { reading } from "./mutations/reading.mjs";
import { refusing } from "./mutations/refusing.mjs";
import { subscribing } from "./mutations/subscribing.mjs";
import { writing } from "./mutations/writing.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const copied = [
  "proto",
  "packages/engine",
  "packages/client",
  "packages/testing",
  "packages/server",
];

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
  await cp(join(root, "test/src/contract/run-contract.mjs"), join(folder, RUNNER));
  return folder;
}

const RUNNER = "packages/testing/run-contract.mjs";

/** A bound on a loop that never lets the runner's own bound come to pass. */
const RUN_MS_MAX = 60_000;

function runContract(folder) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, RUNNER)], {
      timeout: RUN_MS_MAX,
      killSignal: "SIGKILL",
    });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => said.push(data));
    child.on("close", (code) => {
      resolve({ passed: code === 0, said: said.join("").trim() || "it does not end" });
    });
  });
}

/** Whether the suite fails while one place is broken. */
async function tryMutation(folder, { file, from, to, ofPackage }) {
  const path = join(folder, "packages", ofPackage, "dist", file);
  const source = await readFile(path, "utf8");
  if (source.split(from).length !== 2) return { caught: false, said: `${file} has no such place` };
  await writeFile(
    path,
    source.replace(from, () => to),
  );
  const { passed, said } = await runContract(folder);
  await writeFile(path, source);
  return { caught: !passed, said };
}

/** Takes mutations from the queue until it is empty. */
async function work(folder, queue, results) {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { caught, said } = await tryMutation(folder, next);
    results.push({ name: next.name, caught });
    console.log(`${caught ? "caught    " : "NOT CAUGHT"}  ${next.name}\n            ${said}`);
  }
}

/** Which mutations were caught. Without one the suite must pass, or it would mean nothing. */
async function tryAll(folders, queue) {
  const { passed, said } = await runContract(folders[0]);
  console.log(`unbroken: ${said}\n`);
  if (!passed) throw new Error("the suite fails as it is");
  const results = [];
  await Promise.all(folders.map((folder) => work(folder, queue, results)));
  return results;
}

const mutations = [...writing, ...filtering, ...reading, ...subscribing, ...refusing];
const queue = mutations.filter(({ name }) => name.includes(process.argv[2] ?? ""));
const folders = await Promise.all(Array.from({ length: availableParallelism() }, copyPackages));
try {
  const results = await tryAll(folders, queue);
  const missed = results.filter(({ caught }) => !caught);
  console.log(`\n${results.length - missed.length} of ${results.length} caught`);
  for (const { name } of missed) console.log(`NOT CAUGHT  ${name}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}
