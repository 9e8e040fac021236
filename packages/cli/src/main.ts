import { fstatSync } from "node:fs";
import { connect, connectMaintenance } from "./connect.js";
import { takeInterrupts } from "./interrupts.js";
import { TextOutput } from "./output/text-output.js";
import { type ProgramIo, runProgram } from "./run-program.js";

/** Runs the `varve` command in this process, and ends the process with its exit status. */
export async function main(): Promise<never> {
  process.exit(await runProgram(process.argv.slice(2), processIo()));
}

function processIo(): ProgramIo {
  return {
    // Asked for only by those who read it: to touch it is to open it.
    get input() {
      return process.stdin;
    },
    out: outputOn(process.stdout),
    err: outputOn(process.stderr),
    env: process.env,
    takeInterrupts: () => takeInterrupts(process),
    connect,
    connectMaintenance,
  };
}

function outputOn(stream: NodeJS.WriteStream & { readonly fd: number }): TextOutput {
  // A terminal knows of NO_COLOR.
  return new TextOutput(stream, {
    isTerminal: stream.isTTY,
    isPipe: isPipe(stream.fd),
    colours: stream.isTTY && stream.hasColors(),
  });
}

/** Some programs start others with sockets where shells have pipes. */
function isPipe(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    // It was closed before the command began.
    return false;
  }
}
