import type { Status, Verification } from "@varve/client";
import type { CommandContext } from "../context.js";
import { describeFailure } from "../failure.js";
import { countOf, formatTime } from "../output/format.js";

/** Prints how the server is, and how far the workspace has come. */
export async function status({ client, out, isTerminal }: CommandContext): Promise<void> {
  const status = await client.status();
  if (!isTerminal) return out.line(statusJson(status));
  const { version, workspace, head, time, startedAt, appendsRefused, verification } = status;
  const { printFields } = await import("../output/table.js");
  await printFields(out, [
    ["version", version],
    ["workspace", workspace],
    ["head", String(head)],
    ["server's time", formatTime(time)],
    ["started at", formatTime(startedAt)],
    ["appends", appendsRefused ? `refused: ${appendsRefused.message}` : "taken"],
    ["last check", verification ? describeCheck(verification) : "none yet"],
  ]);
}

function statusJson({
  time,
  startedAt,
  head,
  appendsRefused,
  verification,
  ...rest
}: Status): string {
  const refusal = appendsRefused && describeFailure(appendsRefused);
  return JSON.stringify({
    ...rest,
    head: String(head),
    time: time.toISOString(),
    startedAt: startedAt.toISOString(),
    ...(refusal && {
      appendsRefused: { reason: refusal.reason, message: refusal.message, ...refusal.details },
    }),
    ...(verification && { verification: checkJson(verification) }),
  });
}

function checkJson({ startedAt, finishedAt, position, findings }: Verification): object {
  return {
    startedAt: startedAt.toISOString(),
    ...(finishedAt && { finishedAt: finishedAt.toISOString() }),
    position: String(position),
    findings: String(findings),
  };
}

function describeCheck({ finishedAt, position, findings }: Verification): string {
  const when = finishedAt ? formatTime(finishedAt) : `running, at position ${position}`;
  return `${when}: ${findings === 0n ? "no damage" : countOf(findings, "damaged place")}`;
}
