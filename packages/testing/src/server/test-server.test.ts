import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect } from "@varve/client";
import { describe, expect, it } from "vitest";
import { startTestServer } from "./test-server.js";

describe("a test server", () => {
  it("keeps what was acknowledged when it is killed, at the same address", async () => {
    await using server = await startTestServer();
    await using client = connect(server.address);
    await client.append("s-1", [{ type: "A" }, { type: "B" }]);
    const { pid } = server;
    await server.kill();
    expect(server.pid).toBeUndefined();
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect((await client.status()).head).toBe(2n);
  });

  it("restarts while a client goes on", async () => {
    await using server = await startTestServer();
    await using client = connect(server.address);
    await client.append("s-1", { type: "A" });
    await server.restart();
    expect((await client.append("s-1", { type: "B" })).lastPosition).toBe(2n);
  });

  it("in memory begins anew after a restart, and has no folder", async () => {
    await using server = await startTestServer({ inMemory: true });
    await using client = connect(server.address);
    await client.append("s-1", { type: "A" });
    await server.restart();
    expect((await client.status()).head).toBe(0n);
    expect(server.dataFolder).toBeUndefined();
  });

  it("leaves nothing behind when it is stopped, twice as well as once", async () => {
    const server = await startTestServer();
    const folder = server.dataFolder as string;
    expect(existsSync(folder)).toBe(true);
    await server.stop();
    await server.stop();
    expect(existsSync(folder)).toBe(false);
  });

  it("takes settings, and says what is wrong with one", async () => {
    const settings = { "max-append-events": 1 };
    await using server = await startTestServer({ settings, inMemory: true });
    await using client = connect(server.address);
    await expect(client.append("s-1", [{ type: "A" }, { type: "B" }])).rejects.toMatchObject({
      reason: "APPEND_TOO_LARGE",
    });
    const wrong = startTestServer({ settings: { "max-tags": "many" }, inMemory: true });
    await expect(wrong).rejects.toThrow("--max-tags must be a whole number");
  });

  it("as a program prints where it listens, and ends with its standard input", async () => {
    const file = fileURLToPath(new URL("../../bin/varve-test-server.js", import.meta.url));
    const running = promisify(execFile)(process.execPath, [file, "--tied", "--in-memory"]);
    running.child.stdin?.end();
    const { stdout } = await running;
    expect(JSON.parse(stdout)).toEqual({
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      port: expect.any(Number),
      pid: running.child.pid,
    });
  });
});
