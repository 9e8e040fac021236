import { afterEach, describe, expect, it, vi } from "vitest";
import { SearchTurns } from "./search-turns.js";

/** Keeps everyone else from going on for so long, ms. */
function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

describe("searches", () => {
  afterEach(() => void vi.useRealTimers());

  // A program's tests had put fake timers in place, and searches of the fake never went on.
  it("go on where the timers of the program stand still", async () => {
    const turns = new SearchTurns();
    vi.useFakeTimers({ toFake: ["setImmediate", "setTimeout", "setInterval"] });
    for (let n = 0; n < 3; n++) {
      turns.rest();
      work(5);
      await turns.rest();
    }
  });

  it("let others go on, however many there are", async () => {
    const turns = new SearchTurns();
    let steps = 0;
    const search = async (): Promise<void> => {
      for (let n = 0; n < 40; n++) {
        work(1);
        steps++;
        await turns.rest();
      }
    };
    const searches = Promise.all(Array.from({ length: 10 }, search));
    let most = 0;
    for (let before = steps; steps < 400; before = steps) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, steps - before);
    }
    await searches;
    // Ten begin, and each may take a step; then one goes on at a time.
    expect(most).toBeLessThan(50);
  });

  it("go on in turns", async () => {
    const turns = new SearchTurns();
    const order: number[] = [];
    const search = async (number: number): Promise<void> => {
      for (let n = 0; n < 3; n++) {
        work(5);
        await turns.rest();
        order.push(number);
      }
    };
    await Promise.all([search(1), search(2), search(3)]);
    expect(order).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  it("do not wait where there is time", () => {
    expect(new SearchTurns().rest()).toBeUndefined();
  });

  it("leave a thread to the writer", async () => {
    const turns = new SearchTurns();
    let [running, most] = [0, 0];
    const read = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, () => turns.lookUp(read)));
    expect(most).toBe(3);
  });

  it("have the room of all cursors in common", () => {
    const turns = new SearchTurns();
    turns.openCursor();
    const alone = turns.readAheadMax;
    for (let n = 0; n < 4000; n++) turns.openCursor();
    expect(turns.readAheadMax).toBeLessThan(alone / 10);
    turns.closeCursors(4000);
    expect(turns.readAheadMax).toBe(alone);
  });
});
