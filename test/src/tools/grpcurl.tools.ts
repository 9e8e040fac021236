import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EventStoreService } from "@varve/proto";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestServer } from "../support/server.js";
import { goProgram } from "./go-program.js";

const run = promisify(execFile);
let program: string;

beforeAll(async () => {
  program = await goProgram("grpcurl", "github.com/fullstorydev/grpcurl/cmd/grpcurl", "1.9.3");
});

/** What it prints; it knows the contract from the server alone. */
async function grpcurl(address: string, ...words: string[]): Promise<string> {
  const split = words.findIndex((word) => !word.startsWith("-"));
  const options = words.slice(0, split);
  return (await run(program, ["-plaintext", ...options, address, ...words.slice(split)])).stdout;
}

// Its story: it could list the services, and failed at everything else.
describe("grpcurl", () => {
  it("lists the services and their methods", async () => {
    const { address } = await startTestServer();
    const services = (await grpcurl(address, "list")).trim().split("\n");
    expect(services).toContain("grpc.health.v1.Health");
    expect(services).toContain("varve.v1.MaintenanceService");
    const methods = (await grpcurl(address, "list", EventStoreService.typeName)).trim().split("\n");
    const expected = EventStoreService.methods.map(
      ({ name, parent }) => `${parent.typeName}.${name}`,
    );
    expect(methods.sort()).toEqual(expected.sort());
  });

  it("describes a message, and what it is made of", async () => {
    const { address } = await startTestServer();
    const text = await grpcurl(address, "describe", "varve.v1.AppendRequest");
    expect(text).toContain("repeated .varve.v1.NewEvent events = 3;");
    const detail = await grpcurl(address, "describe", "google.rpc.ErrorInfo");
    expect(detail).toContain("map<string, string> metadata = 3;");
  });

  it("appends and reads", async () => {
    const { address } = await startTestServer();
    const event = { id: crypto.randomUUID(), type: "order.Placed", data: "e30=" };
    const append = JSON.stringify({ events: [{ stream: "order-1", event }] });
    const answer = JSON.parse(await call(address, "Append", append));
    expect(answer).toMatchObject({ firstPosition: "1", lastPosition: "1" });
    const frames = await call(address, "Read", '{"stream":"order-1"}');
    expect(frames).toContain(event.id);
  });

  it("shows why a call failed", async () => {
    const { address } = await startTestServer();
    const failing = call(address, "GetStream", "{}");
    await expect(failing).rejects.toMatchObject({
      stderr: expect.stringMatching(/INVALID_REQUEST.*"field": "stream"/s),
    });
  });
});

function call(address: string, method: string, data: string): Promise<string> {
  return grpcurl(address, `-d=${data}`, `${EventStoreService.typeName}/${method}`);
}
