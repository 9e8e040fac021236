import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { takeInterrupts } from "./interrupts.js";

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(status: number): void {
    this.exits.push(status);
  }
}

describe("takeInterrupts", () => {
  it.each(["SIGINT", "SIGTERM"])("aborts at %s", (signal) => {
    const source = new FakeProcess();
    const interrupted = takeInterrupts(source);
    expect(interrupted.aborted).toBe(false);
    source.emit(signal);
    expect(interrupted.aborted).toBe(true);
    expect(source.exits).toEqual([]);
  });

  it("ends the process at the second signal", () => {
    const source = new FakeProcess();
    let nowMs = 0;
    takeInterrupts(source, () => nowMs);
    source.emit("SIGINT");
    nowMs = 1000;
    source.emit("SIGTERM");
    expect(source.exits).toEqual([130]);
  });

  it("takes the copy of a Ctrl-C that npm hands on for the same one", () => {
    const source = new FakeProcess();
    let nowMs = 0;
    takeInterrupts(source, () => nowMs);
    source.emit("SIGINT");
    nowMs = 5;
    source.emit("SIGINT");
    expect(source.exits).toEqual([]);
  });
});
