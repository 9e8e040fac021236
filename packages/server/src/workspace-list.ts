import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isWorkspaceName } from "@varve/engine";
import { syncFolder } from "./sync-folder.js";

/** The file with the names of the workspaces of a data folder. */
export function workspaceListPath(folder: string): string {
  return join(folder, "workspaces.txt");
}

const HEADER = `# The workspaces of this data folder, one a line. Varve writes this file.
# One that is meant to be gone: stop the server, delete its folder, delete its line.
`;

/**
 * Which workspaces there are, so that one whose folder is gone is told from one that never
 * was. A text file, which is replaced as a whole and synced; people may edit it while no
 * server runs:
 *
 *     list := ( name | "#" comment | ) "\n" …
 */
export class WorkspaceList {
  readonly #adding = new Set<string>();
  #written: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly known: Set<string>,
  ) {}

  /** Reads the list. Throws if a line of it is no name. */
  static async read(folder: string): Promise<WorkspaceList> {
    const path = workspaceListPath(folder);
    return new WorkspaceList(path, new Set(await readNames(path)));
  }

  has(workspace: string): boolean {
    return this.known.has(workspace);
  }

  get names(): readonly string[] {
    return [...this.known];
  }

  /** Resolves when the list has these names for good. Those added together share a write. */
  async add(workspaces: readonly string[]): Promise<void> {
    const added = workspaces.filter((name) => !this.known.has(name));
    if (added.length === 0) return;
    for (const name of added) this.#adding.add(name);
    this.#written = this.#written.catch(() => {}).then(() => this.#write());
    await this.#written;
  }

  /** Resolves when the list has this name no more. */
  async remove(workspace: string): Promise<void> {
    const names = [...this.known].filter((name) => name !== workspace);
    await replaceFile(this.path, textOf(names));
    this.known.delete(workspace);
  }

  async #write(): Promise<void> {
    const adding = [...this.#adding];
    if (adding.length === 0) return;
    await replaceFile(this.path, textOf([...this.known, ...adding]));
    for (const name of adding) {
      this.known.add(name);
      this.#adding.delete(name);
    }
  }
}

async function readNames(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").map((line) => line.trim());
  const wrong = lines.findIndex((line) => isEntry(line) && !isWorkspaceName(line));
  if (wrong < 0) return lines.filter(isEntry);
  throw new Error(`line ${wrong + 1} of workspaces.txt is not the name of a workspace`);
}

function isEntry(line: string): boolean {
  return line !== "" && !line.startsWith("#");
}

function textOf(names: readonly string[]): string {
  const lines = [...names].sort().map((name) => `${name}\n`);
  return HEADER + lines.join("");
}

/** Whatever happens, the file is as it was or as it shall be. */
async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  const file = await open(unfinished, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
}
