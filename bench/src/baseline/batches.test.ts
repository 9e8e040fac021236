import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { captureBatches, moveOn } from "./batches.ts";

it("captures all that the engine writes, and moves its keys on without a clash", async () => {
  const folder = mkdtempSync(join(tmpdir(), "varve-bench-"));
  const load = { eventsPerAppend: 10, inFlight: 4, events: 300, seed: 1 };
  const batches = await captureBatches(folder, load);
  rmSync(folder, { recursive: true });

  const events = batches.reduce((sum, batch) => sum + batch.events, 0);
  expect(events).toBe(300);
  // One append after the other is rare: those that wait are written together.
  expect(batches.length).toBeLessThan(30);
  const keys = (): string[] =>
    batches.flatMap(({ writes }) => writes.map(({ key }) => key.toString("hex")));
  const before = keys();
  expect(new Set(before).size).toBe(before.length);
  for (const batch of batches) moveOn(batch, events);
  const after = keys();
  expect(new Set([...before, ...after]).size).toBe(2 * before.length);
});
