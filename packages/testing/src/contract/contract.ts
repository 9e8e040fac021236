import { defaultLimits, type Limits } from "@varve/engine";
import type { ContractRunner, ContractStore, ContractStoreFactory } from "./store.js";
import { TestCase } from "./test-case.js";

/** Makes a test work on a log that several tests read and none writes. */
export type Fixture = (t: TestCase) => Promise<void>;

/** How the parts of the suite define their tests. */
export interface Contract {
  readonly describe: (name: string, define: () => void) => void;
  /** A test with a workspace of its own. */
  readonly it: (name: string, run: (t: TestCase) => Promise<void>) => void;
  /** A log that is written once, by the first test that asks for it. */
  readonly fixture: (write: (t: TestCase) => Promise<void>) => Fixture;
  /** Ends the store, if a test has started it. */
  readonly close: () => Promise<void>;
}

/** Tests that share one store, which is started by the first of them. */
export function createContract(
  factory: ContractStoreFactory,
  limits: Partial<Limits>,
  runner: ContractRunner,
): Contract {
  let starting: Promise<ContractStore> | undefined;
  const start = (): Promise<ContractStore> => (starting ??= factory({ limits }));
  return {
    describe: (name, define) => void runner.describe(name, define),
    it: (name, run) =>
      void runner.it(name, async () => {
        const store = await start();
        await runTest(new TestCase(store, { ...defaultLimits, ...store.limits }), run);
      }),
    fixture: (write) => createFixture(write),
    close: async () => {
      const store = await starting;
      await store?.client.close();
      await store?.close();
    },
  };
}

async function runTest(t: TestCase, run: (t: TestCase) => Promise<void>): Promise<void> {
  try {
    await run(t);
  } finally {
    t.end();
  }
}

function createFixture(write: (t: TestCase) => Promise<void>): Fixture {
  let writing: Promise<string> | undefined;
  const writeOnce = async (t: TestCase): Promise<string> => {
    await write(t);
    await t.restart();
    return t.workspace;
  };
  return async (t) => {
    writing ??= writeOnce(t);
    t.workspace = await writing;
  };
}
