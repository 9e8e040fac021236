import {
  Client,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
  status,
} from "@grpc/grpc-js";
import { EventStoreService, MaintenanceService } from "@varve/proto";
import { service } from "grpc-health-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestServer } from "../support/server.js";

interface Request {
  readonly service: string;
}

interface Response {
  readonly status: string;
}

const { Check: check, Watch: watch } = service as Record<
  string,
  MethodDefinition<Request, Response>
>;

/** A client of the standard `grpc.health.v1.Health`. */
class HealthClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    onTestFinished(() => this.#client.close());
  }

  check(name: string): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = check as typeof check & object;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: name },
        (error, response) => (response ? resolve(response) : reject(error)),
      );
    });
  }

  watch(name: string): ClientReadableStream<Response> {
    const { path, requestSerialize, responseDeserialize } = watch as typeof watch & object;
    const call = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
      service: name,
    });
    onTestFinished(() => call.cancel());
    return call;
  }
}

describe("health", () => {
  it.each(["", EventStoreService.typeName, MaintenanceService.typeName])(
    "is SERVING for %j once the server runs",
    async (name) => {
      const { address } = await startTestServer();
      expect(await new HealthClient(address).check(name)).toEqual({ status: "SERVING" });
    },
  );

  it("of a service that there is not is NOT_FOUND", async () => {
    const { address } = await startTestServer();
    const call = new HealthClient(address).check("varve.v1.Other");
    await expect(call).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it("that is watched turns to NOT_SERVING when the server stops, and does not hold up the stop", async () => {
    const { address, stop } = await startTestServer({ flags: { "stop-grace-seconds": "600" } });
    const watching = new HealthClient(address).watch(EventStoreService.typeName);
    watching.on("error", () => {
      // The server is gone.
    });
    const statuses: string[] = [];
    const serving = new Promise<void>((resolve) => {
      watching.on("data", (response: Response) => {
        statuses.push(response.status);
        resolve();
      });
    });
    await serving;
    await stop();
    expect(statuses).toEqual(["SERVING", "NOT_SERVING"]);
  }, 15_000);
});
