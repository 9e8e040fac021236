import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { headersFrame, rstFrame } from "../http2/frames.ts";
import { pathOf } from "../http2/grpc.ts";
import { callFields, type Fields } from "../http2/hpack.ts";
import { FaultServer } from "../server.ts";
import { withRaw } from "./raw.ts";

// Its story: a call of an unknown method that was reset in the same breath ended the server.
// grpc-js answered a stream that was no more, and what that throws nobody catches.
it.each<[string, Fields]>([
  ["an unknown method", callFields("/varve.v1.EventStoreService/Unheard")],
  ["an unknown service", callFields("/x.Y/Z")],
  ["an unknown content type", callFields(pathOf("GetStatus")).map(asText)],
])("calls of %s that are reset at once end no server", async (_, fields) => {
  const folder = await mkdtemp(join(tmpdir(), "varve-ended-calls-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await using server = await FaultServer.start({ folder });
  let exit: string | undefined;
  void server.exited.then(({ stderr }) => {
    exit = stderr;
  });
  await withRaw(server.address, async (connection) => {
    for (let stream = 1; stream < 200; stream += 2) {
      connection.send(Buffer.concat([headersFrame(stream, fields), rstFrame(stream)]));
    }
    await connection.drained();
    await sleep(200);
  });
  expect(exit).toBeUndefined();
});

function asText([name, value]: Fields[number]): Fields[number] {
  return [name, name === "content-type" ? "text/plain" : value];
}
