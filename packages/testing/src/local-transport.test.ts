import { create } from "@bufbuild/protobuf";
import { EventStoreService, SubscribeRequestSchema, SubscribeResponseSchema } from "@varve/proto";
import { expect, it, vi } from "vitest";
import { type LocalService, localTransport } from "./local-transport.js";

// Every read, replay and subscription that was left early stayed among the calls that run:
// the SDK aborts them between two answers, and asks for nothing more.
it("a call that is aborted while nobody asks for more ends the service's answer", async () => {
  let isOver = false;
  const service: Partial<LocalService> = {
    async *subscribe() {
      try {
        for (;;) yield create(SubscribeResponseSchema);
      } finally {
        isOver = true;
      }
    },
  };
  const abort = new AbortController();
  const request = (async function* () {
    yield create(SubscribeRequestSchema);
  })();
  const { message } = await localTransport(service as LocalService).stream(
    EventStoreService.method.subscribe,
    abort.signal,
    undefined,
    undefined,
    request,
  );
  await message[Symbol.asyncIterator]().next();
  expect(isOver).toBe(false);
  abort.abort();
  await vi.waitFor(() => expect(isOver).toBe(true));
});
