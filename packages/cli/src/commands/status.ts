import type { CommandContext } from "../context.js";
import { formatTime } from "../output/event-line.js";

/** Prints how the server is, and how far the workspace has come. */
export async function status({ client, out, isTerminal }: CommandContext): Promise<void> {
  const { version, workspace, head, time, startedAt } = await client.status();
  if (!isTerminal) {
    const times = { time: time.toISOString(), startedAt: startedAt.toISOString() };
    return out.line(JSON.stringify({ version, workspace, head: String(head), ...times }));
  }
  const { printFields } = await import("../output/table.js");
  await printFields(out, [
    ["version", version],
    ["workspace", workspace],
    ["head", String(head)],
    ["server's time", formatTime(time)],
    ["started at", formatTime(startedAt)],
  ]);
}
