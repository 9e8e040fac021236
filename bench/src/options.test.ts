import { describe, expect, it } from "vitest";
import { OptionsError, readOptions } from "./options.ts";

describe("the options", () => {
  it("name all workloads if none is given", () => {
    const { ids, full, repeats } = readOptions([]);
    expect(ids).toHaveLength(14);
    expect([full, repeats]).toEqual([false, 5]);
  });

  it("take workloads in any case, and run them in their order", () => {
    expect(readOptions(["w6", "W2"]).ids).toEqual(["W2", "W6"]);
  });

  it.each(["W11", "W12"])("make the log ten million events long if %s is named", (id) => {
    expect(readOptions([id]).full).toBe(true);
    expect(readOptions([id, "--scale", "0.01"]).full).toBe(false);
  });

  it.each([["W15"], ["--seconds", "0"], ["--repeats", "x"], ["--unknown"]])(
    "refuse %s %s",
    (...args) => {
      expect(() => readOptions(args)).toThrow(OptionsError);
    },
  );
});
