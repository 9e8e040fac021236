import { describe, expect, it } from "vitest";
import { LineIdentity } from "./identity.js";

function idsOf(...lines: string[]): string[] {
  const identity = new LineIdentity();
  return lines.map((line) => {
    identity.add(Buffer.from(line));
    return identity.uuid;
  });
}

describe("LineIdentity", () => {
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
