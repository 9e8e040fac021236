import { validate, version } from "uuid";
import { describe, expect, it } from "vitest";
import { eventIdOf, newId } from "./ids.js";

describe("newId", () => {
  it("makes version 7 UUIDs", () => {
    const id = newId();
    expect(validate(id)).toBe(true);
    expect(version(id)).toBe(7);
  });

  it("makes each greater than the one before", () => {
    const ids = Array.from({ length: 2_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe("eventIdOf", () => {
  const appendId = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";

  it("makes version 5 UUIDs, the same each time, of an append id and a place", () => {
    expect(eventIdOf(appendId, 0)).toBe(eventIdOf(appendId, 0));
    expect(eventIdOf(appendId, 0)).toBe(eventIdOf(appendId.toUpperCase(), 0));
    const ids = Array.from({ length: 1_000 }, (_, i) => eventIdOf(appendId, i));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => validate(id) && version(id) === 5)).toBe(true);
  });

  // Who retries may have another version of the SDK.
  it("never makes others of the same", () => {
    expect([0, 1].map((place) => eventIdOf(appendId, place))).toMatchInlineSnapshot(`
      [
        "7cc295fc-053a-535b-ac79-99530f2ccb90",
        "81a10c6e-b274-50a1-9f16-be17d63df233",
      ]
    `);
  });

  it("takes whatever the store takes for an append id", () => {
    const id = "ffffffff-0000-0000-0000-000000000001";
    expect(eventIdOf(id, 0)).toBe(eventIdOf(id, 0));
  });
});
