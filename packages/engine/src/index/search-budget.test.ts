import { ErrorReason } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { callOver, type StoreError } from "../errors.js";
import { SearchBudget } from "./search-budget.js";
import { SearchTurns } from "./search-turns.js";

describe("what a search may spend", () => {
  it("ends with an error that says what the bound is", async () => {
    const budget = new SearchBudget(new SearchTurns(), { lookUpsMax: 100 });
    await budget.spend(60);
    await budget.spend(40);
    const expected = {
      reason: ErrorReason.SEARCH_TOO_BROAD,
      metadata: { limit: "conditionLookUpsMax", maximum: "100" },
    };
    await expect(async () => budget.spend(1)).rejects.toMatchObject(expected);
  });

  it("is without a bound if none is given", async () => {
    const budget = new SearchBudget(new SearchTurns());
    await budget.spend(1e12);
    expect(budget.lookUps).toBe(1e12);
  });

  it("counts entries, and what it takes to find them", async () => {
    const budget = new SearchBudget(new SearchTurns());
    await budget.lookUp(async () => ["a", "b"]);
    expect(budget.lookUps).toBeGreaterThan(2);
  });

  it("is nothing once the call is over, also while it waits", async () => {
    let over: StoreError | undefined;
    const budget = new SearchBudget(new SearchTurns(), { endedBecause: () => over });
    const reading = budget.lookUp(async () => {
      over = callOver();
      return [];
    });
    await expect(reading).rejects.toBe(over);
    let reads = 0;
    await expect(budget.lookUp(async () => Array.from({ length: ++reads }))).rejects.toBe(over);
    expect(reads).toBe(0);
  });
});
