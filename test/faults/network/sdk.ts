import type { EventStoreClient, RecordedEvent } from "@varve/client";
import type { SeenEvent } from "../history.ts";
import { digestOf } from "../load.ts";
import { defaultRoot } from "../server.ts";

/** The SDK that is put to the test: that of the same packages as the server. */
export async function importSdk(): Promise<typeof import("@varve/client")> {
  return import(new URL("packages/client/dist/index.js", defaultRoot()).href);
}

/** A client that gives up on a dead connection soon, and on nothing else. */
export async function connectSdk(address: string): Promise<EventStoreClient> {
  const { connect } = await importSdk();
  return connect(address, {
    retry: { attempts: 100_000, baseDelayMs: 5, maxDelayMs: 100 },
    connectTimeoutMs: 500,
    pingIntervalMs: 250,
    pingTimeoutMs: 500,
  });
}

/** As the load's own: what the SDK made of an event, encoded again. */
export function seenBySdk(event: RecordedEvent): SeenEvent {
  const { id, type, bytes: data, tags } = event;
  const metadata = Object.keys(event.metadata).length > 0 ? JSON.stringify(event.metadata) : "";
  // The SDK names the default where the event has none.
  const contentType = event.contentType === "application/json" ? "" : event.contentType;
  return {
    position: Number(event.position),
    revision: Number(event.revision),
    stream: event.stream,
    id,
    digest: digestOf({ id, type, data, contentType, metadata, tags: [...tags] }),
    recordedAtMs: event.recordedAt.getTime(),
  };
}
