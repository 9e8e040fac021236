import type { Readable } from "node:stream";
import { CommanderError } from "commander";
import type { Connect, ConnectMaintenance } from "./connect.js";
import { type CommandContext, DEFAULT_WORKSPACE, type MaintenanceContext } from "./context.js";
import type { ConnectionFlags } from "./definitions/define.js";
import { type ExitStatus, exitStatus } from "./exit.js";
import { createPaint } from "./output/colours.js";
import { printableLines } from "./output/printable.js";
import { OutputClosedError, type TextOutput } from "./output/text-output.js";
import { createProgram } from "./program.js";

/** What the program has of the process that it runs in. */
export interface ProgramIo {
  readonly input: Readable;
  readonly out: TextOutput;
  readonly err: TextOutput;
  readonly env: NodeJS.ProcessEnv;
  readonly takeInterrupts: () => AbortSignal;
  readonly connect: Connect;
  readonly connectMaintenance: ConnectMaintenance;
}

/** Runs a command line. Resolves to the exit status when all output has left. */
export async function runProgram(args: readonly string[], io: ProgramIo): Promise<ExitStatus> {
  let status: ExitStatus = exitStatus.done;
  const attempt = async (json: boolean, command: () => Promise<void>): Promise<void> => {
    try {
      await command();
      await io.out.flush();
    } catch (error) {
      const told = await tell(error, json, io);
      // What fails first counts: an output that is closed does not make it good.
      if (status === exitStatus.done) status = told;
    }
  };
  await attempt(false, async () => {
    const program = await createProgram(args, {
      run: (flags, command) => attempt(flags.json ?? false, () => withClient(io, flags, command)),
      runMaintenance: (flags, command) =>
        attempt(flags.json ?? false, () => withMaintenance(io, flags, command)),
      runLocal: ({ json = false }, command) =>
        attempt(json, () => command({ ...io, json, isTerminal: io.out.isTerminal && !json })),
      runServe: (command) => attempt(false, () => command(io)),
      writeOut: (text) => void io.out.line(text.trimEnd()),
      writeErr: (text) => void io.err.line(text.trimEnd()),
    });
    await program.parseAsync(args, { from: "user" });
  });
  await io.err.flush().catch(() => {});
  return status;
}

async function withClient(
  io: ProgramIo,
  { address, workspace: named, json = false }: ConnectionFlags,
  command: (context: CommandContext) => Promise<void>,
): Promise<void> {
  const workspace = named || DEFAULT_WORKSPACE;
  const client = await io.connect(address, workspace);
  const { input, out, err, takeInterrupts } = io;
  const isTerminal = out.isTerminal && !json;
  try {
    await command({ client, workspace, input, out, err, json, isTerminal, takeInterrupts });
  } finally {
    await client.close();
  }
}

async function withMaintenance(
  io: ProgramIo,
  { address, json = false }: ConnectionFlags,
  command: (context: MaintenanceContext) => Promise<void>,
): Promise<void> {
  const client = await io.connectMaintenance(address);
  const { out, err, takeInterrupts } = io;
  try {
    await command({ client, out, err, json, isTerminal: out.isTerminal && !json, takeInterrupts });
  } finally {
    await client.close();
  }
}

/** Says what went wrong, after the results that came before it. */
async function tell(error: unknown, json: boolean, { out, err }: ProgramIo): Promise<ExitStatus> {
  // As for `varve replay | head -1`: whoever wanted results has enough.
  if (error instanceof OutputClosedError) return exitStatus.done;
  await out.flush().catch(() => {});
  // What is wrong with the words on the command line has been said already.
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  const { describeFailure, failureJson } = await import("./failure.js");
  const failure = describeFailure(error);
  const paint = createPaint(err.colours);
  const text = json
    ? failureJson(failure)
    : `${paint("error", "varve:")} ${printableLines(failure.message)}`;
  await err.line(text)?.catch(() => {});
  return failure.status;
}
