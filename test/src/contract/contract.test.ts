import { describeEventStoreContract } from "@varve/testing/contract";
import { describe, it } from "vitest";
import { fake, restartedServer, serverOnDisk, serverOnMemory } from "./stores.js";

describe("the in-memory store for tests", () => {
  describeEventStoreContract(fake, { describe, it });
});

describe("the server on memory", () => {
  describeEventStoreContract(serverOnMemory, { describe, it });
});

describe("the server on disk", () => {
  describeEventStoreContract(serverOnDisk, { describe, it });
});

describe("the server on disk, restarted between the steps", () => {
  describeEventStoreContract(restartedServer, { describe, it });
});
