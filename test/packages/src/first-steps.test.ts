import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readmeProgram } from "./support/documents.ts";
import { Project, userEnv } from "./support/project.ts";

const project = new Project(inject("projects").npm);
let server: ChildProcess;
let banner: readonly string[];
let address: string;

beforeAll(async () => {
  const args = ["varve", "serve", "--in-memory", "--listen", "127.0.0.1:0"];
  // In a group of its own, so that it ends together with the npx that runs it.
  server = spawn("npx", args, {
    cwd: project.folder,
    env: userEnv(),
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const lines: string[] = [];
  for await (const line of createInterface(server.stdout as NodeJS.ReadableStream)) {
    lines.push(line);
    if (line.includes("subscribe")) break;
  }
  banner = lines;
  address = /127\.0\.0\.1:\d+/.exec(banner[0] ?? "")?.[0] ?? "";
});

afterAll(async () => {
  const ended = once(server, "exit");
  process.kill(-(server.pid as number), "SIGTERM");
  await ended;
});

describe("a user who has installed the packages into a project", () => {
  // `varve serve` recommended a file that only the repository has.
  it("is recommended commands that work as they stand", async () => {
    const commands = banner.map((line) => line.trim()).filter((line) => line.startsWith("npx"));
    expect(commands.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "npx varve append",
      "npx varve replay",
      "npx varve subscribe",
    ]);
    for (const command of commands.slice(0, 2)) {
      const { stdout } = await project.run("bash", ["-c", command]);
      expect(stdout.trim().split("\n")).toHaveLength(1);
    }
  });

  it("runs the program of the README", async () => {
    const program = readmeProgram().replace("process.env.VARVE_ADDRESS", JSON.stringify(address));
    project.write("program.ts", program);
    const { stdout } = await project.run(process.execPath, ["program.ts"]);
    const lines = stdout.trim().split("\n");
    expect(lines.slice(0, 2)).toEqual([expect.stringContaining("expected stream"), "2"]);
    expect(lines.slice(2).map((line) => line.split(" ")[1])).toEqual([
      "order.Placed",
      "order.Paid",
    ]);
  });
});
