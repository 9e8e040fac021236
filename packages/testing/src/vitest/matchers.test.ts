import { beforeEach, describe, expect, it } from "vitest";
import { createTestStore, type TestStore } from "../test-store.js";
import "../vitest.js";

let store: TestStore;

beforeEach(async () => {
  store = createTestStore();
  await store.append("order-1", [
    { type: "order.Placed", data: { item: "lamp" }, tags: ["customer:42"] },
    { type: "order.Paid", data: { eur: 80 } },
  ]);
  return () => store.close();
});

const placed = { type: "order.Placed", data: { item: "lamp" } };
const paid = { type: "order.Paid" };

describe("toHaveAppended", () => {
  it("passes if the stream has exactly these events", async () => {
    await expect(store).toHaveAppended("order-1", [placed, paid]);
    await expect(store).toHaveAppended("order-1", paid, { after: 0 });
    await expect(store).toHaveAppended("order-2", []);
    await expect(store).toHaveAppended("order-1", [
      placed,
      { ...paid, data: { eur: expect.any(Number) } },
    ]);
  });

  it("fails if there are more, fewer or other ones, and says which", async () => {
    await expect(expect(store).toHaveAppended("order-1", [placed])).rejects.toThrow(
      'Expected 1 event in stream "order-1", found 2 events',
    );
    await expect(expect(store).toHaveAppended("order-2", placed)).rejects.toThrow("found no event");
    const other = expect(store).toHaveAppended("order-1", [placed, { ...paid, data: { eur: 81 } }]);
    const expected = [placed, { type: "order.Paid", data: { eur: 81 } }];
    await expect(other).rejects.toMatchObject({ expected });
  });

  it("can be turned around", async () => {
    await expect(store).not.toHaveAppended("order-1", [paid]);
    await expect(expect(store).not.toHaveAppended("order-1", [placed, paid])).rejects.toThrow(
      "Expected other events",
    );
  });
});

describe("toBeAtRevision", () => {
  it("compares the stream's last revision", async () => {
    await expect(store).toBeAtRevision("order-1", 1);
    await expect(store).toBeAtRevision("order-1", 1n);
    await expect(store).toBeAtRevision("order-2", "no-stream");
    await expect(store).not.toBeAtRevision("order-1", "no-stream");
  });

  it("says where the stream is", async () => {
    await expect(expect(store).toBeAtRevision("order-1", 2)).rejects.toThrow(
      'Expected stream "order-1" to be at revision 2, it is at revision 1',
    );
    await expect(expect(store).not.toBeAtRevision("order-2", "no-stream")).rejects.toThrow(
      'Expected stream "order-2" not to be without events',
    );
  });
});

describe("toBeConditionFailure", () => {
  it("passes if one of the violations is like this", async () => {
    const append = store.append("order-1", { type: "x" }, { expect: 0 });
    await expect(append).rejects.toBeConditionFailure();
    await expect(append).rejects.toBeConditionFailure({
      stream: "order-1",
      expected: 0,
      actual: 1,
    });
    const query = { noEventMatches: { types: ["order.*"] }, after: 1n };
    const second = store.append(
      "order-2",
      { type: "x" },
      { expect: "exists", conditions: [query] },
    );
    await expect(second).rejects.toBeConditionFailure({ stream: "order-2", actual: undefined });
    await expect(second).rejects.toBeConditionFailure({ type: "order.Paid", position: 2 });
    await expect(second).rejects.not.toBeConditionFailure({ type: "order.Placed" });
  });

  it("fails for another error, another violation, and what is no error", async () => {
    const append = store.append("order-1", { type: "x" }, { expect: 0 });
    const error = await append.catch((thrown: unknown) => thrown);
    expect(() => expect(error).toBeConditionFailure({ actual: 2 })).toThrow(
      "Expected another condition to fail: Nothing was appended",
    );
    expect(() => expect(error).not.toBeConditionFailure()).toThrow("Expected no such condition");
    expect(() => expect(new Error("x")).toBeConditionFailure()).toThrow("got Error: x");
    expect(() => expect(undefined).toBeConditionFailure()).toThrow("got undefined");
  });
});
