import { afterAll, beforeAll } from "vitest";
import type { StoreClient } from "./client.js";
import type { CleanUp } from "./folder.js";
import { startTestServer, type TestServer } from "./server.js";

/**
 * One server for all tests of a file, or of a `describe`: for tests that leave it as
 * it was. `prepare` makes the log that they find.
 */
export function sharedServer(
  prepare: (client: StoreClient) => Promise<unknown> = async () => {},
): () => TestServer {
  const cleanUps: CleanUp[] = [];
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startTestServer({ onEnd: (cleanUp) => cleanUps.push(cleanUp) });
    await prepare(server.client);
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });
  return () => {
    if (!server) throw new Error("the server is there only while tests run");
    return server;
  };
}
