import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { toJson } from "./json.js";

class Money {
  constructor(
    readonly amount: number,
    readonly currency: string,
  ) {}
}

class Secret {
  readonly #content = "kept";
  get content(): string {
    return this.#content;
  }
}

class Temperature {
  readonly #celsius: number;
  constructor(celsius: number) {
    this.#celsius = celsius;
  }
  toJSON(): unknown {
    return { celsius: this.#celsius };
  }
}

const error = (value: unknown): unknown => {
  try {
    return toJson(value, 0, ".data");
  } catch (thrown) {
    return thrown;
  }
};

describe("data as JSON", () => {
  const at = new Date("2026-03-01T12:00:00Z");
  it.each<[string, unknown]>([
    ["plain values", { a: ["x", 1.5, true, null, { b: [] }], c: {} }],
    ["members that are undefined, which are left out", { a: 1, b: undefined }],
    ["a Date", { at, all: [at] }],
    ["a URL", { link: new URL("https://varve.dev/") }],
    ["an object of a class whose members show", { price: new Money(3, "EUR") }],
    ["an object of a class that says what to write", [new Temperature(20)]],
    ["an object that says so itself", { toJSON: () => ({ a: 1 }), hidden: () => 1 }],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["objects of another realm, as tests have them", runInNewContext("({ a: {}, b: [1] })")],
    ["the same object twice", [at, at]],
    ["boxed values", [Object("a")]],
  ])("takes %s", (_, value) => {
    expect(toJson(value, 0, ".data")).toBe(JSON.stringify(value));
  });

  // Each of them was stored as something else, or as nothing, without a word.
  it.each<[string, unknown, string]>([
    ["NaN", { items: [{ price: 1 }, {}, { price: Number.NaN }] }, ".items[2].price is NaN"],
    ["Infinity", [[-Infinity]], "[0][0] is -Infinity"],
    ["a bigint", { a: { "b c": 1n } }, '.a["b c"] is a bigint'],
    ["a function", { a: [{ run: () => 1 }] }, ".a[0].run is a function"],
    ["a symbol", { a: Symbol("s") }, ".a is a symbol"],
    ["undefined in an array", { a: [1, undefined] }, ".a[1] is undefined"],
    ["a hole in an array", { a: new Array(1) }, ".a[0] is undefined"],
    ["a Map", { a: new Map([["b", 1]]) }, ".a is a Map"],
    ["a Set", { a: { b: new Set([1]) } }, ".a.b is a Set"],
    ["an ArrayBuffer", new ArrayBuffer(2), " is an ArrayBuffer"],
    ["a typed array", { a: new Float32Array([1, 2]) }, ".a is a Float32Array"],
    ["bytes inside", { a: new Uint8Array([1, 2]) }, ".a is a Uint8Array"],
    ["an invalid date", { at: new Date(Number.NaN) }, ".at is an invalid date"],
    ["a regular expression", { a: /x/ }, ".a is a RegExp"],
    ["a promise", { a: Promise.resolve(1) }, ".a is a Promise"],
    ["an error", { a: Object.assign(new RangeError("no"), { code: 3 }) }, ".a is a RangeError"],
    ["an object of a class that shows nothing", { a: [new Secret()] }, ".a[0] is a Secret"],
    ["what an object says of itself", { a: { toJSON: () => Number.NaN } }, ".a is NaN"],
    ["a cycle", cycle(), ".next.next is an object that is inside itself"],
    ["a function alone", () => 1, " is a function"],
    ["undefined alone", undefined, " is undefined"],
  ])("refuses %s, and says where", (_, value, where) => {
    const thrown = error(value);
    expect(thrown).toBeInstanceOf(TypeError);
    expect(String(thrown)).toContain(`TypeError: events[0].data${where}`);
  });

  it("tells what else went wrong as it is", () => {
    const value = {
      toJSON() {
        throw new Error("no luck");
      },
    };
    expect(String(error({ value }))).toContain("events[0].data cannot be written as JSON: no luck");
  });

  it("takes what is nested deep", () => {
    let value: unknown = 1;
    for (let i = 0; i < 3_000; i++) value = [value];
    expect(toJson(value, 0, ".data")).toBe(JSON.stringify(value));
  });
});

function cycle(): object {
  const first: { next?: object; list: object[] } = { list: [] };
  const second = { next: first };
  first.next = second;
  return first;
}
