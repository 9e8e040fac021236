/**
 * Runs the contract over the in-memory store, up to the first test that fails.
 * A runner of its own: it is copied, with the packages, to where they are mutated.
 */

import { createTestStore } from "@varve/testing";
import { describeEventStoreContract } from "@varve/testing/contract";

/** A bound on a hang: a subscription that waits for what never comes. */
const TEST_MS_MAX = 15_000;

const tests = [];
const path = [];

const runner = {
  describe: (name, define) => {
    path.push(name);
    define();
    path.pop();
  },
  it: (name, run) => tests.push({ name: [...path, name].join(" › "), run }),
};

function fake({ limits }) {
  const client = createTestStore({ limits });
  return { client, limits, canBeOutrun: true, close: () => client.close() };
}

async function withinTime(run) {
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("it does not end")), TEST_MS_MAX);
  });
  try {
    await Promise.race([run(), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

let running = "";
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => fail(running, error));
}

function fail(name, error) {
  const [line = ""] = String(error?.message ?? error).split("\n");
  console.log(`${name}: ${line}`);
  process.exit(1);
}

describeEventStoreContract(async (options) => fake(options), runner);
for (const { name, run } of tests) {
  running = name;
  await withinTime(run).catch((error) => fail(name, error));
}
console.log(`${tests.length} tests passed`);
process.exit(0);
