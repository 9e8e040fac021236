import { describe, expect, it } from "vitest";
import { expectReason } from "../support/failure.js";
import { type Method, RawClient, rawFailureOf } from "../support/raw-client.js";
import { newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

const unary: Method[] = [
  "Append",
  "GetStream",
  "ListStreams",
  "SaveSnapshot",
  "GetSnapshot",
  "GetStatus",
];
const streaming: Method[] = ["Read", "Replay", "Subscribe"];

/** No message of the contract is encoded so. */
const malformed: [string, Buffer][] = [
  ["a tag that is cut off", Buffer.of(0x80)],
  ["a length beyond the end", Buffer.of(0x0a, 0x05, 0x61)],
  ["a wire type that there is not", Buffer.of(0x0f, 0x01)],
  ["field number 0", Buffer.of(0x02, 0x01, 0x61)],
  ["a group that is not closed", Buffer.of(0x9b, 0x06)],
  ["a number of more than ten bytes", Buffer.from(`9806${"ff".repeat(11)}`, "hex")],
  ["a workspace that is not UTF-8", Buffer.of(0x0a, 0x02, 0xc3, 0x28)],
  ["a workspace with a lone surrogate", Buffer.of(0x0a, 0x03, 0xed, 0xa0, 0x80)],
];

const server = sharedServer();

describe("a request that is not valid protobuf", () => {
  it.each(unary)("fails %s with MALFORMED_REQUEST", async (method) => {
    const { address } = server();
    const raw = new RawClient(address);
    for (const [what, bytes] of malformed) {
      const failed = await rawFailureOf(raw.unary(method, bytes));
      expect(failed.reason, what).toBe("MALFORMED_REQUEST");
      expectReason(failed, "MALFORMED_REQUEST");
    }
  });

  it.each(streaming)("fails %s with MALFORMED_REQUEST", async (method) => {
    const { address } = server();
    const raw = new RawClient(address);
    for (const [what, bytes] of malformed) {
      const failed = await rawFailureOf(raw.serverStream(method, bytes));
      expect(failed.reason, what).toBe("MALFORMED_REQUEST");
      expectReason(failed, "MALFORMED_REQUEST");
    }
  });

  it("leaves the server and the connection as they were", async () => {
    const { address, client } = await startTestServer();
    await client.append({ events: newEvents("s", 3) });
    const raw = new RawClient(address);
    for (const method of unary) await rawFailureOf(raw.unary(method, Buffer.of(0xff)));
    expect(await raw.unary("GetStatus", Buffer.alloc(0))).not.toHaveLength(0);
    expect((await client.getStatus({})).head).toBe(3n);
  });
});

describe("text that is not UTF-8", () => {
  const bad = "c328";
  // Fields of the request in hex: tag, length, value.
  const event = (fields: string): string => nested("1a", `0a0173${nested("12", fields)}`);
  const places: [string, Method, string][] = [
    ["an append id", "Append", `1202${bad}`],
    ["the stream of an event", "Append", nested("1a", `0a02${bad}`)],
    ["the id of an event", "Append", event(`0a02${bad}`)],
    ["the type of an event", "Append", event(`1202${bad}`)],
    ["the content type of an event", "Append", event(`2202${bad}`)],
    ["the metadata of an event", "Append", event(`2a02${bad}`)],
    ["a tag of an event", "Append", event(`3202${bad}`)],
    ["the stream of a condition", "Append", nested("22", nested("0a", `0a02${bad}`))],
    ["a stream", "GetStream", `1202${bad}`],
    ["a prefix", "ListStreams", `1202${bad}`],
    ["a page token", "ListStreams", `2202${bad}`],
    ["the schema type of a snapshot", "SaveSnapshot", nested("12", `1a02${bad}`)],
  ];
  it.each(places)("as %s fails %s with MALFORMED_REQUEST", async (_, method, hex) => {
    const { address, client } = server();
    const call = new RawClient(address).unary(method, Buffer.from(hex, "hex"));
    expectReason(await rawFailureOf(call), "MALFORMED_REQUEST");
    expect((await client.getStatus({})).head).toBe(0n);
  });

  it("as data of an event is no concern of the server", async () => {
    const { client } = await startTestServer();
    const [event] = newEvents("s", 1);
    if (!event?.event) throw new Error("no event");
    await client.append({
      events: [{ stream: "s", event: { ...event.event, data: Buffer.from(bad, "hex") } }],
    });
    expect((await client.getStatus({})).head).toBe(1n);
  });
});

function nested(tag: string, content: string): string {
  const length = (content.length / 2).toString(16).padStart(2, "0");
  return tag + length + content;
}
