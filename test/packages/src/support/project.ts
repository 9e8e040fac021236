import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type PackTool, pnpm } from "../../../../scripts/release/pack.ts";
import { type Output, run } from "../../../../scripts/release/run.ts";

/** What a project installs: names, and tarballs or ranges. */
export type Dependencies = Readonly<Record<string, string>>;

/** The project of a user: a folder far from the repository. */
export class Project {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static create(): Project {
    return new Project(mkdtempSync(join(tmpdir(), "varve-project-")));
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Runs a program in the project, as its user would. */
  run(program: string, args: readonly string[]): Promise<Output> {
    return run(program, args, { cwd: this.folder, env: userEnv() });
  }

  /** Installs into the project. What is in the tool's cache is not asked for again. */
  async install(tool: PackTool, dependencies: Dependencies): Promise<void> {
    const manifest = { name: "project", private: true, type: "module", dependencies };
    this.write("package.json", JSON.stringify(manifest));
    if (tool === "npm") {
      const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
      await this.run("npm", ["install", ...quiet]);
      return;
    }
    // A version stands for a package of the registry: here for the tarball.
    const overrides = Object.entries(dependencies).filter(([name]) => name.startsWith("@varve/"));
    this.write(
      "pnpm-workspace.yaml",
      JSON.stringify({ overrides: Object.fromEntries(overrides), ignoreScripts: true }),
    );
    await this.run("npx", [...pnpm, "install", "--prefer-offline", "--no-frozen-lockfile"]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Without what the package manager and vitest, which run this suite, tell their children. How
 * the machine reaches the registry stays.
 */
export function userEnv(): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|config_local_prefix|command)|pnpm_|varve_|vitest|init_cwd$|node_env$|node_options$|test$|dev$|prod$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}
