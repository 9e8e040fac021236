import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { defaultRoot } from "../server.ts";

/** What `varve verify` says of a data folder that no server uses. */
export interface Verification {
  /** Its exit status. */
  readonly status: number;
  readonly damaged: boolean;
  /** What it printed. */
  readonly said: string;
}

const EXIT_DAMAGED = 1;

export async function verify(folder: string): Promise<Verification> {
  const program = fileURLToPath(new URL("packages/cli/bin/varve.js", defaultRoot()));
  const args = [program, "verify", "--data", folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [said, complaint, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status: status ?? -1, damaged: status === EXIT_DAMAGED, said: said + complaint };
}
