import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** Where a program runs. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a program says. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Rejects, with all that it said, if it fails. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env = process.env }: RunOptions,
): Promise<Output> {
  try {
    return await execute(program, args, { cwd, env, maxBuffer: OUTPUT_BYTES_MAX });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as Partial<Output>;
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
