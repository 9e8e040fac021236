import { EventEmitter } from "node:events";
import type { Http2Session } from "node:http2";
import { describe, expect, it } from "vitest";
import { UploadWindows } from "./upload-windows.js";

/** Takes down what its windows are set to. */
class FakeConnection extends EventEmitter {
  readonly destroyed: boolean = false;
  readonly set: number[] = [];

  settings({ initialWindowSize }: { initialWindowSize: number }): void {
    this.set.push(initialWindowSize);
  }

  setLocalWindowSize(bytes: number): void {
    this.set.push(bytes);
  }
}

function widen(windows: UploadWindows, connection: FakeConnection): readonly number[] {
  windows.widen(connection as unknown as Http2Session);
  return connection.set;
}

const WIDE = 256 * 1024;

describe("the windows of a connection", () => {
  it("are widened once, for its calls and for all of it", () => {
    const windows = new UploadWindows();
    const connection = new FakeConnection();
    widen(windows, connection);
    expect(widen(windows, connection)).toEqual([WIDE, WIDE]);
  });

  it("stay as they are if 64 others are wide, until one of those is closed", () => {
    const windows = new UploadWindows();
    const first = new FakeConnection();
    widen(windows, first);
    for (let i = 1; i < 64; i++) widen(windows, new FakeConnection());
    const late = new FakeConnection();
    expect(widen(windows, late)).toEqual([]);
    first.emit("close");
    expect(widen(windows, late)).toEqual([WIDE, WIDE]);
  });

  it("stay as they are if it is gone", () => {
    const gone = Object.assign(new FakeConnection(), { destroyed: true });
    expect(widen(new UploadWindows(), gone)).toEqual([]);
  });
});
