import {
  type FolderReport,
  NoDataError,
  StartupError,
  verifyFolder,
} from "@varve/server/integrity";
import type { LocalContext } from "../context.js";
import { CommandFailure, exitStatus, wrongUse } from "../exit.js";
import { createPaint, type Paint } from "../output/colours.js";
import { countOf, formatBytes } from "../output/format.js";
import { createProgress, type Progress } from "../output/progress.js";
import { OutputClosedError } from "../output/text-output.js";
import { findingJson, findingLine, summaryJson, summarySentence } from "../output/verify-report.js";

export interface VerifyFlags {
  readonly data: string;
  readonly workspace?: string;
}

/** Checks everything that a data folder holds, and prints what is damaged. */
export async function verify(context: LocalContext, flags: VerifyFlags): Promise<void> {
  if (flags.data.trim() === "") throw wrongUse("--data must not be empty.");
  const interrupted = context.takeInterrupts();
  const bar = await createProgress(context.err, true);
  let findings = 0;
  try {
    const { data: folder, workspace } = flags;
    for await (const report of verifyFolder({ folder, workspace, signal: interrupted })) {
      if (report.type === "finding") findings += 1;
      await tell(context, report, bar);
    }
  } catch (error) {
    throw interrupted.aborted ? endedEarly(findings) : unreadable(error);
  } finally {
    bar.stop();
  }
  if (findings > 0) throw damaged(findings);
}

async function tell(context: LocalContext, report: FolderReport, bar: Progress): Promise<void> {
  if (report.type === "progress") {
    const { workspace = "", position, head, bytes } = report;
    const read = (): string => `${formatBytes(bytes)} read`;
    bar.update(position, head, () => `${workspace}: position ${position}, ${read()}`);
    return;
  }
  const { out, isTerminal } = context;
  // The line would be written into the bar.
  bar.stop();
  await out.line(lineOf(report, isTerminal, createPaint(out.colours)));
  if (isTerminal) await out.flush();
}

function lineOf(
  report: Exclude<FolderReport, { readonly type: "progress" }>,
  isTerminal: boolean,
  paint: Paint,
): string {
  if (report.type === "finding") {
    return isTerminal ? findingLine(report, paint) : findingJson(report);
  }
  return isTerminal ? summarySentence(report) : summaryJson(report);
}

function damaged(findings: number): CommandFailure {
  const verb = findings === 1 ? "is" : "are";
  return new CommandFailure(`${countOf(findings, "place")} ${verb} damaged.`, {
    status: exitStatus.refused,
    code: "DATA_LOSS",
    reason: "DATA_CORRUPT",
    details: { findings },
  });
}

function endedEarly(findings: number): CommandFailure {
  return new CommandFailure("Interrupted. Not everything is checked.", {
    status: exitStatus.interrupted,
    code: "CANCELLED",
    reason: "INTERRUPTED",
    details: { findings },
  });
}

/** Also whatever the system says of a file: it must not look like damage that was found. */
function unreadable(error: unknown): unknown {
  if (error instanceof NoDataError) return wrongUse(`${error.message}.`);
  if (error instanceof OutputClosedError || !(error instanceof Error)) return error;
  const what = error instanceof StartupError ? "" : "The data cannot be read: ";
  return new CommandFailure(`${what}${error.message}.`, {
    status: exitStatus.unreachable,
    code: "UNAVAILABLE",
    reason: "DATA_UNREADABLE",
  });
}
