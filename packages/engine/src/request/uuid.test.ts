import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasCapitals, isUuid, uuidBytes } from "./uuid.js";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Inside other bytes, as it is in a request. */
function check(text: string): boolean {
  const message = Buffer.from(`..${text}..`, "latin1");
  return isUuid(message, 2, message.length - 2);
}

describe("a UUID as text", () => {
  it("is one in either case", () => {
    const uuid = randomUUID();
    expect(check(uuid)).toBe(true);
    expect(check(uuid.toUpperCase())).toBe(true);
  });

  it("has capitals if any of its letters is one", () => {
    const small = "0123456789abcdef-";
    const message = Buffer.from(`${small}ABCDEF`);
    expect(hasCapitals(message, 0, small.length)).toBe(false);
    for (let at = small.length; at < message.length; at++) {
      expect(hasCapitals(message, at, at + 1)).toBe(true);
    }
    expect(hasCapitals(message, 0, message.length)).toBe(true);
  });

  it("is none if any character is not one of a UUID", () => {
    const uuid = randomUUID();
    for (let i = 0; i < uuid.length; i++) {
      for (const char of ["g", "-", "0", "/", ":", "@", "`", "\u00ff"]) {
        const changed = uuid.slice(0, i) + char + uuid.slice(i + 1);
        expect(check(changed), changed).toBe(FORM.test(changed));
      }
    }
  });

  it("is none if it is too short or too long", () => {
    const uuid = randomUUID();
    expect(["", uuid.slice(1), `${uuid}0`, `{${uuid}}`].map(check)).not.toContain(true);
  });

  it("has the bytes that its digits say", () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        const message = Buffer.from(`..${uuid.toUpperCase()}`);
        expect(uuidBytes(message, 2).toString("hex")).toBe(uuid.replaceAll("-", ""));
      }),
    );
  });
});
