import { expect, it } from "vitest";
import { pinned, readCoreList } from "./cores.ts";

it.each([
  ["0-1", [0, 1]],
  ["3", [3]],
  ["0,2-4,9", [0, 2, 3, 4, 9]],
])("reads the cores %s", (list, cores) => {
  expect(readCoreList(list)).toEqual(cores);
});

it("pins a command to a core, if there is one", () => {
  expect(pinned(["node", "a.js"], 1)).toEqual(["taskset", "-c", "1", "node", "a.js"]);
  expect(pinned(["node", "a.js"], undefined)).toEqual(["node", "a.js"]);
});
