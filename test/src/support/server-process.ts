/**
 * A server as a process of its own, to be killed. Run by `ChildServer` with the
 * settings as JSON; says where it listens as a line of JSON, stops in good order at
 * SIGTERM, and ends with the test that started it.
 */
import { readSettings, startServer } from "@varve/server";

const flags: Record<string, string | boolean> = JSON.parse(process.argv[2] ?? "{}");
const server = await startServer(readSettings(flags, {}));

process.once("SIGTERM", () => {
  void server.stop().then(() => process.exit(0));
});
process.stdin.resume().once("end", () => process.exit(1));
process.stdout.write(`${JSON.stringify({ address: server.address })}\n`);
