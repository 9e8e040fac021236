import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Kitchen } from "../peer.ts";
import { installOnce } from "./once.ts";
import { InstallError, runTool } from "./tool.ts";

/**
 * A program of a Debian package, with the libraries that this machine lacks: unpacked
 * into the kitchen, so that nothing of the system changes and no right to do so is needed.
 * `version` is a pattern, such as `5:7.0.15*`: Debian replaces its own revisions.
 */
export async function unpackDebian(
  kitchen: Kitchen,
  packageName: string,
  version: string,
): Promise<string> {
  const name = `${packageName}-${version.replace(/^\d+:|\*$/g, "").replace(/^\d+:/, "")}`;
  return installOnce(kitchen, name, async (folder) => {
    const why = `to get ${packageName} from Debian's packages`;
    const simulate = ["apt-get", "install", "--simulate", "--no-install-recommends"];
    const plan = await runTool([...simulate, `${packageName}=${version}`], why);
    const wanted = missingPackages(plan);
    if (wanted.length === 0) {
      throw new InstallError(`${packageName} is installed here as a system package: remove it`);
    }
    await runTool(["apt-get", "download", ...wanted], why, { cwd: folder });
    for (const file of readdirSync(folder).filter((file) => file.endsWith(".deb"))) {
      await runTool(["dpkg", "--extract", file, "."], why, { cwd: folder });
    }
  });
}

/** Of what `apt-get install --simulate` prints, as `name=version`. */
export function missingPackages(plan: string): string[] {
  const lines = [...plan.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)];
  return lines.map(([, name, version]) => `${name}=${version}`);
}

/** Where its libraries are. */
export function debianEnv(folder: string): NodeJS.ProcessEnv {
  const libraries = join(folder, "usr", "lib");
  const triplets = readdirSync(libraries).filter((name) => name.includes("-linux-gnu"));
  const paths = triplets.map((triplet) => join(libraries, triplet));
  return { ...process.env, LD_LIBRARY_PATH: paths.join(":") };
}
