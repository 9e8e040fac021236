import { describe, expect, it } from "vitest";
import { FakeClient } from "./testing/fake-client.js";
import { run } from "./testing/run.js";

const commands = [
  ...["serve", "append", "import", "read", "replay", "subscribe"],
  ...["streams", "stream", "status", "export"],
];

/** Those that need no server. */
const localCommands = ["restore", "verify", "forget-workspace"];

const others = ["backup", "snapshot", "workspaces"];

describe("the command line", () => {
  it("helps with every command", async () => {
    const { status, out } = await run(["--help"], { client: new FakeClient() });
    expect(status).toBe(0);
    for (const command of [...commands, ...localCommands, ...others])
      expect(out).toMatch(new RegExp(`^ {2}${command} `, "m"));
  });

  it.each(commands.filter((command) => command !== "serve"))("helps with %s", async (command) => {
    const { status, out } = await run([command, "--help"], { client: new FakeClient() });
    expect(status).toBe(0);
    expect(out).toMatch(/--address.*\n(.*\n)*.*--workspace.*\n(.*\n)*.*--json/);
  });

  it.each(localCommands)("helps with %s", async (command) => {
    const { status, out } = await run([command, "--help"], { client: new FakeClient() });
    expect(status).toBe(0);
    expect(out).toMatch(/--data.*\n(.*\n)*.*--json/);
  });

  it("prints its version", async () => {
    const { status, out } = await run(["--version"], { client: new FakeClient() });
    expect(status).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["append", "s"], "--type"],
    [["append", "--type", "t"], "STREAM"],
    [["append", "s", "--type", "t", "--data", "{"], "--data"],
    [["append", "s", "--type", "t", "--metadata", "[]"], "--metadata"],
    [["append", "s", "--type", "t", "--id", "1"], "--id"],
    [["append", "s", "--type", "t", "--expect", "any"], "--expect"],
    [["read"], "STREAM"],
    [["read", "a", "b"], "too many arguments"],
    [["read", "s", "--from", "-1"], "--from"],
    [["read", "s", "--limit", "0"], "--limit"],
    [["read", "s", "--as-of", "yesterday"], "--as-of"],
    [["read", "s", "--unknown"], "--unknown"],
    [["replay", "--to", "0"], "--to"],
    [["replay", "--tag", ""], "--tag"],
    [["replay", "--type", "order.*.Paid"], "only at the end"],
    [["subscribe", "--stream", ""], "--stream"],
    [["replay", "--since", "2026-02-30"], "--since"],
    [["replay", "--until", ""], "--until"],
    [["subscribe", "--after", "x"], "--after"],
    [["subscribe", "--after", "1", "--from-end"], "--from-end"],
    [["append", "s", "--typ", "t"], "Did you mean --type?"],
    [["read", "s", "--form", "1"], "Did you mean --from?"],
    [["strems"], "Did you mean streams?"],
    [["append", "s", "--type", "t", "--data", "-", "--metadata", "-"], "can be read once"],
    [["read", "s", "--long", "--json"], "--long"],
    [["export", "--stream", "s", "--category", "c"], "--category"],
    [["subscribe", "--stream", "s", "--category", "c"], "--category"],
    [["status", "--address", "no where"], "--address"],
    [["status", "--address", "https://somewhere"], "TLS is not supported yet"],
    [["export", "--from", "0"], "--from"],
    [["unheard-of"], "unheard-of"],
    [[], "Usage"],
  ])("takes %j for wrong use", async (words, named) => {
    const { status, out, err } = await run(words, { client: new FakeClient() });
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(named);
  });
});
