import { join } from "node:path";
import type { Kitchen } from "../peer.ts";
import { installOnce } from "./once.ts";
import { runTool } from "./tool.ts";

/** A program of the Go module proxy. */
export interface GoProgram {
  /** Its name in the kitchen. */
  readonly name: string;
  readonly module: string;
  /** For example `2.15.2`. */
  readonly version: string;
}

/**
 * Builds it in a module of its own: `go install` refuses what has `replace` directives,
 * though they mean nothing to who depends on it.
 */
export async function installGoProgram(kitchen: Kitchen, program: GoProgram): Promise<string> {
  const { name, module, version } = program;
  const folder = await installOnce(kitchen, `${name}-${version}`, async (cwd) => {
    const go = (...args: string[]): Promise<string> =>
      runTool(["go", ...args], `to build ${name} (https://go.dev/dl)`, { cwd });
    await go("mod", "init", "varve.dev/bench/peers");
    await go("get", `${module}@v${version}`);
    await go("build", "-o", name, module);
  });
  return join(folder, name);
}
