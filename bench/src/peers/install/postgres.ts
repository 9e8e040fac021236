import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { InstallError, runTool } from "./tool.ts";

/** Where Debian and its kin keep each version of the server. */
const DEBIAN = "/usr/lib/postgresql";

/** The folder of the programs of the newest PostgreSQL of this machine. */
export function findPostgres(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : [];
  const folders = versions.sort((a, b) => b - a).map((v) => join(DEBIAN, String(v), "bin"));
  const found = folders.find((folder) => existsSync(join(folder, "initdb")));
  if (found !== undefined) return found;
  throw new InstallError(
    "PostgreSQL is needed for Emmett, and not here: apt-get install postgresql",
  );
}

/** For example `15.18`. */
export async function postgresVersion(): Promise<string> {
  const text = await runTool([join(findPostgres(), "postgres"), "--version"], "to run Emmett");
  return /\d+(?:\.\d+)*/.exec(text)?.[0] ?? "unknown";
}

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: whom it runs as then. */
export async function postgresUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (name: string): Promise<SystemUser> => {
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map((flag) => runTool(["id", flag, name], "to run PostgreSQL")),
    );
    return { uid: Number(uid), gid: Number(gid) };
  };
  return await idOf("postgres").catch(() => idOf("nobody"));
}
