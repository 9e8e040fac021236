import { describe, expect, it } from "vitest";
import { OptionsError } from "../options.ts";
import { peers } from "./index.ts";
import { peersHelp, readPeersOptions } from "./options.ts";

describe("the options", () => {
  it("name all peers if none is given", () => {
    const { peers: ids, seconds, repeats, events } = readPeersOptions([]);
    expect(ids).toEqual(peers.map(({ id }) => id));
    expect([seconds, repeats, events]).toEqual([1.5, 5, 100_000]);
  });

  it("take peers in any case, and run them in their order", () => {
    expect(readPeersOptions(["NATS", "umadb"]).peers).toEqual(["umadb", "nats"]);
  });

  it.each([["kafka"], ["--seconds", "0"], ["--events", "x"], ["--unknown"]])(
    "refuse %s %s",
    (...args) => {
      expect(() => readPeersOptions(args)).toThrow(OptionsError);
    },
  );

  it("are all in the help, as are the peers", () => {
    const names = ["seconds", "repeats", "events", "folder", "output"].map((name) => `--${name}`);
    for (const text of [...names, ...peers.map(({ id }) => id)]) expect(peersHelp).toContain(text);
  });
});
