import { existsSync } from "node:fs";
import { delimiter, dirname, join, normalize } from "node:path";

const MODULE_BINARIES = join("node_modules", ".bin");

/** What of a process decides how the command is called from another terminal. */
export interface CommandPlace {
  /** The working folder. */
  readonly folder: string;
  /** The folders in which a shell looks for programs, as `PATH` has them. */
  readonly path: string | undefined;
}

/**
 * How someone who stands in this folder calls `varve` in another terminal: through
 * npx where a project has it installed, by its name where it is installed globally,
 * and through npx by the name of the package where it was only tried.
 */
export function commandName({ folder, path = "" }: CommandPlace): string {
  if (upwards(folder).some((parent) => hasVarve(join(parent, MODULE_BINARIES)))) return "npx varve";
  // Folders of modules are there only because npm put them there, for this process alone.
  const lasting = path.split(delimiter).filter((entry) => entry && !isModuleBinaries(entry));
  return lasting.some(hasVarve) ? "varve" : "npx @varve/cli";
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

function isModuleBinaries(folder: string): boolean {
  return normalize(join(folder, ".")).endsWith(MODULE_BINARIES);
}

/** As a link, or on Windows as a script. */
function hasVarve(folder: string): boolean {
  return existsSync(join(folder, "varve")) || existsSync(join(folder, "varve.cmd"));
}
