import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startTestServer } from "../support/server.js";

const run = promisify(execFile);
const buf = fileURLToPath(new URL("../../../node_modules/.bin/buf", import.meta.url));

// Its story: a tool that has no file of the contract failed at its first question.
it("buf curl makes a call of what reflection tells it", async () => {
  const { address } = await startTestServer();
  const call = async (method: string, data: object): Promise<unknown> => {
    const url = `http://${address}/varve.v1.EventStoreService/${method}`;
    const protocol = ["--protocol", "grpc", "--http2-prior-knowledge"];
    const { stdout } = await run(buf, ["curl", ...protocol, "-d", JSON.stringify(data), url]);
    return JSON.parse(stdout);
  };
  const event = { id: crypto.randomUUID(), type: "order.Placed", data: "e30=" };
  expect(await call("Append", { events: [{ stream: "order-1", event }] })).toMatchObject({
    firstPosition: "1",
    streams: [{ stream: "order-1" }],
  });
  expect(await call("GetStatus", {})).toMatchObject({ workspace: "default", head: "1" });
});
