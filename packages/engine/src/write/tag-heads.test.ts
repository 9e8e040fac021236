import { ErrorReason } from "@varve/proto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { StoreError } from "../errors.js";
import type { EventStore } from "../event-store.js";
import { append, appendRequest, memoryDatabase, storeOn } from "../test-support/requests.js";
import type { AppendCaller } from "./item.js";

type Clauses = readonly {
  readonly tags?: readonly string[];
  readonly types?: readonly string[];
}[];

const tags = fc.constantFrom("a", "b", "c", "d", "never");
const steps = fc.record({
  events: fc.array(fc.subarray(["a", "b", "c", "d"]), { minLength: 1, maxLength: 4 }),
  condition: fc.option(
    fc.record({
      clauses: fc.array(
        fc.oneof(
          fc.record({ tags: fc.uniqueArray(tags, { minLength: 1, maxLength: 2 }) }),
          fc.constant({ tags: ["a"], types: ["other"] }),
          fc.constant({ types: ["thing.Happened"] }),
        ),
        { minLength: 1, maxLength: 2 },
      ),
      /** How long before the head. */
      before: fc.nat({ max: 30 }),
    }),
    { nil: undefined },
  ),
  /** Begins while the one before is on its way. */
  alongside: fc.boolean(),
});

/** Whether it was stored. */
async function tryAppend(
  store: EventStore,
  events: readonly string[][],
  condition?: { readonly clauses: Clauses; readonly after: number },
  caller?: AppendCaller,
): Promise<boolean> {
  const value = condition && {
    filter: {
      anyOf: condition.clauses.map(({ tags: all = [], types = [] }) => ({
        tags: [...all],
        types: [...types],
      })),
    },
    after: BigInt(condition.after),
  };
  const request = appendRequest(
    events.map((own) => ({ stream: "s", tags: own })),
    value ? { conditions: [{ kind: { case: "query", value } }] } : {},
  );
  try {
    await append(store, request, caller);
    return true;
  } catch (error) {
    expect((error as StoreError).reason).toBe(ErrorReason.CONDITION_FAILED);
    return false;
  }
}

function matches(clauses: Clauses, event: readonly string[]): boolean {
  return clauses.some(
    (clause) =>
      (clause.tags ?? []).every((tag) => event.includes(tag)) &&
      (clause.types ?? ["thing.Happened"]).includes("thing.Happened"),
  );
}

describe("conditions about tags", () => {
  it("are decided as if every event were looked at", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 40 }), async (all) => {
        const store = storeOn(memoryDatabase(), { tailBytesMax: 1, cacheBytesMax: 1 });
        const caller = { aborted: false, inOrder: true };
        const log: string[][] = [];
        let running: Promise<void>[] = [];
        for (const { events, condition, alongside } of all) {
          const after = condition && Math.max(0, log.length - condition.before);
          const asked = condition && { clauses: condition.clauses, after: after ?? 0 };
          const isRefused =
            asked && log.slice(asked.after).some((event) => matches(asked.clauses, event));
          // In the order in which they begin: that of one call.
          const outcome = tryAppend(store, events, asked, caller);
          running.push(outcome.then((stored) => expect(stored).toBe(!isRefused)));
          if (!isRefused) log.push(...events);
          if (alongside) continue;
          await Promise.all(running);
          running = [];
        }
        await Promise.all(running);
        await store.close();
      }),
      { numRuns: 200 },
    );
  });

  it("need the index once for each tag", async () => {
    const db = memoryDatabase();
    const store = storeOn(db, { tailBytesMax: 1, cacheBytesMax: 1 });
    for (let n = 0; n < 5; n++) await tryAppend(store, [["a"], ["b"]]);
    const iterate = vi.spyOn(db, "iterator");
    const sinceLast = { clauses: [{ tags: ["b"] }], after: 10 };
    // Only the newest block is in memory.
    for (let n = 0; n < 2; n++) await tryAppend(store, [["a"]]);
    expect(await tryAppend(store, [["a"]], sinceLast)).toBe(true);
    expect(iterate).toHaveBeenCalledTimes(1);
    expect(await tryAppend(store, [["b"]], sinceLast)).toBe(true);
    expect(iterate).toHaveBeenCalledTimes(1);
    expect(await tryAppend(store, [["b"]], sinceLast)).toBe(false);
    await store.close();
  });
});
