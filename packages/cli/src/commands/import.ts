import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { CommandContext } from "../context.js";
import { CommandFailure, exitStatus, wrongUse } from "../exit.js";
import { describeFailure, type Failure } from "../failure.js";
import { BadLineError } from "../import/bad-line.js";
import type { ImportReport } from "../import/report.js";
import { type ImportOutcome, type ImportStop, runImport } from "../import/run.js";
import { countOf } from "../output/format.js";
import { createProgress } from "../output/progress.js";
import { memberWords } from "../words.js";

const standardInput = "-";
const runAgain = "Run it again to import the rest.";

interface Input {
  readonly stream: Readable;
  /** Absent if it cannot be known beforehand. */
  readonly sizeBytes?: number;
}

/** Appends the lines of a file, and prints how many are stored. */
export async function importEvents(context: CommandContext, file: string): Promise<void> {
  const input = file === standardInput ? { stream: context.input } : await openInput(file);
  const interrupted = context.takeInterrupts();
  const { report, complete, stop } = await run(context, input, interrupted);
  if (stop !== undefined) throw stopped(stop, report);
  if (!complete) throw endedEarly(report);
  const { out, isTerminal } = context;
  await out.line(isTerminal ? report.toString() : JSON.stringify(report));
}

async function run(
  { client, err }: CommandContext,
  { stream, sizeBytes }: Input,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const bar = await createProgress(err, true);
  const onProgress = (readBytes: number, lines: number) =>
    bar.update(readBytes, sizeBytes, () => countOf(lines, "line"), lines);
  try {
    return await runImport(client, stream, { signal, onProgress });
  } finally {
    bar.stop();
  }
}

async function openInput(file: string): Promise<Input> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error("it is a folder");
    const stream = handle.createReadStream();
    return stats.isFile() ? { stream, sizeBytes: stats.size } : { stream };
  } catch (error) {
    await handle?.close();
    throw wrongUse(`The file ${file} cannot be read: ${(error as Error).message}.`);
  }
}

function stopped({ line, error, storedAfter }: ImportStop, report: ImportReport): CommandFailure {
  const { status, message, code, reason, details } = describeStop(error);
  const sentences = [`Line ${line}: ${message}`, report.toString(), ...noteOnLater(storedAfter)];
  if (status === exitStatus.unreachable) sentences.push(runAgain);
  return new CommandFailure(sentences.join(" "), {
    status,
    code,
    reason,
    details: { ...details, line, storedAfter, ...report.toJSON() },
  });
}

/** A line without an id is known by the lines before it too, and changes with them. */
function noteOnLater(storedAfter: number): string[] {
  if (storedAfter === 0) return [];
  return [
    `Of these, ${countOf(storedAfter, "event")} came after that line:`,
    "if the line is changed, an import stores those of them again that have no id.",
  ];
}

function describeStop(error: unknown): Failure {
  if (!(error instanceof BadLineError)) return describeFailure(error, memberWords);
  const { usage: status } = exitStatus;
  const message = `${error.message}.`;
  return { status, message, code: "INVALID_ARGUMENT", reason: "BAD_LINE", details: {} };
}

function endedEarly(report: ImportReport): CommandFailure {
  return new CommandFailure(`Interrupted. ${report} ${runAgain}`, {
    status: exitStatus.interrupted,
    code: "CANCELLED",
    reason: "INTERRUPTED",
    details: report.toJSON(),
  });
}
