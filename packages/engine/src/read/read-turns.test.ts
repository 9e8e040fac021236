import { describe, expect, it } from "vitest";
import { inTurns, ReadTurns } from "./read-turns.js";

/** Frames that are prepared when they are let through, and how many are being prepared. */
class Frames {
  readonly #gates: ((error?: Error) => void)[] = [];

  get preparing(): number {
    return this.#gates.length;
  }

  readonly prepare = async (): Promise<string> => {
    const error = await new Promise<Error | undefined>((resolve) => this.#gates.push(resolve));
    if (error) throw error;
    return "frame";
  };

  finish(error?: Error): void {
    this.#gates.shift()?.(error);
  }
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turnOfTheLoop();
}

describe("turns of those who read much of the log", () => {
  it("are all at once while nothing is appended", async () => {
    const frames = new Frames();
    const turns = new ReadTurns(() => false);
    const taken = [1, 2, 3].map(() => turns.take(frames.prepare));
    expect(frames.preparing).toBe(3);
    for (const _ of taken) frames.finish();
    expect(await Promise.all(taken)).toEqual(["frame", "frame", "frame"]);
  });

  it("are one after the other beside appends", async () => {
    const frames = new Frames();
    const turns = new ReadTurns(() => true);
    const taken = [1, 2, 3].map(() => turns.take(frames.prepare));
    for (const frame of taken) {
      await until(() => frames.preparing > 0);
      await turnOfTheLoop();
      expect(frames.preparing).toBe(1);
      frames.finish();
      expect(await frame).toBe("frame");
    }
  });

  it("go on after one that fails, and after the appends", async () => {
    const frames = new Frames();
    let appending = true;
    const turns = new ReadTurns(() => appending);
    const failing = turns.take(frames.prepare);
    const next = turns.take(frames.prepare);
    await until(() => frames.preparing === 1);
    appending = false;
    frames.finish(new Error("damaged"));
    await expect(failing).rejects.toThrow("damaged");
    await until(() => frames.preparing === 1);
    frames.finish();
    expect(await next).toBe("frame");
  });

  it("are not waited for with the first frame", async () => {
    const turns = new ReadTurns(() => true);
    void turns.take(() => new Promise(() => {}));
    async function* two(): AsyncGenerator<number> {
      yield* [1, 2];
    }
    const frames = inTurns(two(), turns);
    expect(await frames.next()).toEqual({ done: false, value: 1 });
    const second = frames.next().then(() => "second");
    expect(await Promise.race([second, turnOfTheLoop().then(() => "waits")])).toBe("waits");
  });
});
