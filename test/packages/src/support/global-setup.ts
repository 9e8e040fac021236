import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { type PackTool, pack, tarballOf } from "../../../../scripts/release/pack.ts";
import { publishedPackages } from "../../../../scripts/release/packages.ts";
import { type Dependencies, Project } from "./project.ts";

/** Makes the tarballs, or takes those of `VARVE_TARBALLS`, and installs them into projects. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const scratch = mkdtempSync(join(tmpdir(), "varve-tarballs-"));
  const projects = { npm: Project.create(), pnpm: Project.create() };
  const remove = (): void => {
    for (const project of Object.values(projects)) project.remove();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    const tarballs = await makeTarballs(scratch);
    await Promise.all(tools.map((tool) => projects[tool].install(tool, wanted(tool, tarballs))));
    provide("tarballs", tarballs);
    provide("projects", { npm: projects.npm.folder, pnpm: projects.pnpm.folder });
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

const tools = ["npm", "pnpm"] as const satisfies readonly PackTool[];
const packages = publishedPackages();

/** The folders of the tarballs that each tool made. */
type Tarballs = Readonly<Record<PackTool, string>>;

async function makeTarballs(scratch: string): Promise<Tarballs> {
  const given = process.env.VARVE_TARBALLS;
  const folders = {
    npm: given ? resolve(given) : join(scratch, "npm"),
    pnpm: join(scratch, "pnpm"),
  };
  if (!given) await pack("npm", packages, folders.npm);
  await pack("pnpm", packages, folders.pnpm);
  return folders;
}

/** All packages, and what users have beside them. */
function wanted(tool: PackTool, tarballs: Tarballs): Dependencies {
  const own = packages.map((one) => [one.name, `file:${tarballOf(one, tarballs[tool])}`]);
  return { ...Object.fromEntries(own), "@types/node": "22" };
}

declare module "vitest" {
  interface ProvidedContext {
    readonly tarballs: Tarballs;
    /** Projects into which each tool has installed its tarballs, all of them. */
    readonly projects: Readonly<Record<PackTool, string>>;
  }
}
