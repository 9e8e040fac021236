import { fromBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { AppendRequests } from "./append-requests.ts";
import { PAYLOAD_BYTES, randomPayload } from "./payload.ts";
import { randomUuid, seededRandom } from "./random.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it("makes payloads of exactly 256 bytes of JSON, each another", () => {
  const random = seededRandom(3);
  const payloads = Array.from({ length: 200 }, () => JSON.stringify(randomPayload(random)));
  expect(new Set(payloads.map((payload) => Buffer.byteLength(payload)))).toEqual(
    new Set([PAYLOAD_BYTES]),
  );
  expect(new Set(payloads).size).toBe(200);
});

it("makes UUIDs", () => {
  const random = seededRandom(3);
  for (let i = 0; i < 100; i++) expect(randomUuid(random)).toMatch(UUID);
});

describe("append requests", () => {
  it("have as many events as they should", () => {
    const requests = new AppendRequests(1, { eventsPerAppend: 10 });
    const { events, appendId } = fromBinary(AppendRequestSchema, requests.next());
    expect(events).toHaveLength(10);
    expect(events[0]?.stream).toMatch(/^order-\d{5}$/);
    expect(events[0]?.event?.data).toHaveLength(PAYLOAD_BYTES);
    expect(appendId).toBe("");
  });

  it("never have the same append id, even when their events come again", () => {
    const requests = new AppendRequests(1, {
      eventsPerAppend: 1000,
      withAppendIds: true,
    });
    const ids = Array.from({ length: 50 }, () => {
      const { appendId } = fromBinary(AppendRequestSchema, requests.next());
      expect(appendId).toMatch(UUID);
      return appendId;
    });
    expect(new Set(ids).size).toBe(50);
  });
});
