import { connect } from "@varve/client";
import type { Payload } from "../load/payload.ts";
import { VarveServer } from "../process/varve-server.ts";
import { NodeLoad } from "./node-load.ts";
import type { Contestant, LogClient } from "./peer.ts";

const TYPE = "order.Placed";

/** Varve, as its users run it: the server with its defaults, and the SDK. */
export const varve: Contestant = {
  name: "Varve",
  install: async () => ({}),
  start: ({ dataFolder, core }) => VarveServer.start({ name: "peers-varve", dataFolder, core }),
  load: async ({ address }) => new NodeLoad(sdk(address)),
};

function sdk(address: string): LogClient {
  const client = connect(address);
  return {
    append: (stream, data) => client.append(stream, { type: TYPE, data }),
    appendBatch: (stream, events) =>
      client.append(
        stream,
        events.map((data) => ({ type: TYPE, data })),
      ),
    async appendAfter(stream, data, revision) {
      const expect = revision ?? "no-stream";
      const { streams } = await client.append(stream, { type: TYPE, data }, { expect });
      return Number(streams[0]?.lastRevision);
    },
    async readAll(visit) {
      for await (const event of client.replay()) visit(event.data as Payload);
    },
    count: async () => Number((await client.status()).head),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
