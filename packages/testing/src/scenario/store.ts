import type { AnyStreamEvent, AppendableEvent, NewStreamEvent, RecordedEvent } from "@varve/client";
import { createTestStore, type TestStore, type TestStoreOptions } from "../test-store.js";
import type { ScenarioEvent } from "./event-expectation.js";
import { callSite } from "./failure.js";
import { attempt, type Outcome } from "./outcome.js";
import { Command, type When } from "./when.js";

/** What can be expected of an appended event, besides its type. */
export interface AppendedEvent extends ScenarioEvent, Pick<NewStreamEvent, "metadata" | "tags"> {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly data: unknown;
  readonly contentType: string;
  readonly id: string;
}

/** Events, each of a type of its own, if they can be appended. */
type Appendable<Events extends readonly AnyStreamEvent[]> = {
  readonly [Place in keyof Events]: AppendableEvent<Events[Place]>;
};

/** The scenarios of code that reads and appends by itself. */
export interface StoreScenario extends StoreGiven {
  /** What has been appended before, in order. */
  given<const Events extends readonly AnyStreamEvent[]>(...events: Appendable<Events>): StoreGiven;
}

/** What has been appended before. */
export interface StoreGiven {
  /** Runs code on a store that holds just the given events, and is closed afterwards. */
  when(command: (store: TestStore) => unknown): When<AppendedEvent, Promise<void>>;
}

/**
 * Given what has been appended, when a command handler has run, then this has
 * been appended, to whatever streams of the default workspace, in the order of
 * the log. Each scenario has a store of its own.
 *
 * ```ts
 * await given({ stream: "order-1", type: "order.Placed" })
 *   .when((store) => shipOrder(store, "order-1"))
 *   .then({ stream: "order-1", type: "order.Shipped" });
 * ```
 */
export function given<const Events extends readonly AnyStreamEvent[]>(
  ...events: Appendable<Events>
): StoreGiven {
  return new GivenLog({}, events);
}

/** As `given`, on stores with options, such as a clock. */
export function storeScenario(options: TestStoreOptions = {}): StoreScenario {
  const given = (...events: readonly AnyStreamEvent[]): StoreGiven => new GivenLog(options, events);
  return Object.assign(new GivenLog(options, []), { given });
}

class GivenLog implements StoreGiven {
  readonly #options: TestStoreOptions;
  readonly #events: readonly AnyStreamEvent[];

  constructor(options: TestStoreOptions, events: readonly AnyStreamEvent[]) {
    this.#options = options;
    this.#events = events;
  }

  when(command: (store: TestStore) => unknown): When<AppendedEvent, Promise<void>> {
    const run = (): ReturnType<typeof runOnStore> =>
      runOnStore(this.#options, this.#events, command);
    return new Command(run, callSite(this.when));
  }
}

async function runOnStore(
  options: TestStoreOptions,
  given: readonly AnyStreamEvent[],
  command: (store: TestStore) => unknown,
): Promise<Outcome<RecordedEvent, never>> {
  await using store = createTestStore(options);
  // Whoever gave them had the compiler look at what they hold.
  const before =
    given.length === 0
      ? 0n
      : (await store.appendMany(given as readonly NewStreamEvent[])).lastPosition;
  const { failed } = await attempt(() => command(store));
  // Faults were for the command: what it appended is looked at without them.
  store.faults.clear();
  const events: RecordedEvent[] = [];
  for await (const event of store.replay({ from: before + 1n })) events.push(event);
  return failed ? { events, failed } : { events };
}
