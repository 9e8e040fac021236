import { describe, expect, it } from "vitest";
import { LineIdentity } from "./identity.js";

function idsOf(...lines: string[]): string[] {
  const identity = new LineIdentity();
  return lines.map((line) => identity.next(Buffer.from(line), {}).appendId);
}

describe("a line with an id", () => {
  const id = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";
  const line = Buffer.from("a line");

  it("is known by it, whatever comes before", () => {
    const identity = new LineIdentity();
    identity.next(Buffer.from("another"), {});
    expect(identity.next(line, { id })).toEqual({ id, appendId: id });
  });

  it("is another for every time that the id comes, the same in each run", () => {
    const appendIds = (): string[] => {
      const identity = new LineIdentity();
      return [id, id.toUpperCase(), id].map((each) => identity.next(line, { id: each }).appendId);
    };
    expect(new Set(appendIds()).size).toBe(3);
    expect(appendIds()).toEqual(appendIds());
  });

  it("is known by its position too, wherever it stands", () => {
    const identity = new LineIdentity();
    const at = (position: string) => identity.next(line, { id, position }).appendId;
    expect(at("7")).not.toBe(at("8"));
    expect(at("7")).toBe(new LineIdentity().next(line, { id, position: "7" }).appendId);
  });
});

describe("a line without an id", () => {
  it("gives the same ids to the same lines", () => {
    expect(idsOf("a", "b")).toEqual(idsOf("a", "b"));
  });

  it("keeps the ids of lines when more follow", () => {
    expect(idsOf("a", "b", "c").slice(0, 2)).toEqual(idsOf("a", "b"));
  });

  it("tells equal lines apart", () => {
    const ids = idsOf("a", "a", "a");
    expect(new Set(ids).size).toBe(3);
  });

  it("changes with every line before", () => {
    expect(idsOf("a", "b")[1]).not.toBe(idsOf("A", "b")[1]);
    expect(idsOf("a", "bc")[1]).not.toBe(idsOf("ab", "c")[1]);
  });

  it("gives UUIDs of version 8 that stay what they are", () => {
    expect(idsOf("a", "b")).toEqual([
      "ca978112-ca1b-8dca-bac2-31b39a23dc4d",
      expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    ]);
  });
});
