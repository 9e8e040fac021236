import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, statfs } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";

/**
 * Ways to a mount of one's own: as any user where user namespaces are allowed, or else
 * as root.
 */
const namespaces: readonly string[] = ["-Urm", "-m"];

/**
 * A disk in memory of a few MiB, mounted in a namespace of its own, which a process
 * holds open. Everyone else goes through the folders of that process. When the process
 * ends, and it ends with this one, the disk is gone: nothing is left to be unmounted.
 */
export class SmallDisk implements AsyncDisposable {
  /** The folder that is the disk. */
  readonly path: string;
  readonly #holder: ChildProcess;

  private constructor(path: string, holder: ChildProcess) {
    this.path = path;
    this.#holder = holder;
  }

  /** `mountPoint`: a folder, which is made if it is missing, and seems empty to all others. */
  static async mount(mountPoint: string, sizeMiB: number): Promise<SmallDisk> {
    await mkdir(mountPoint, { recursive: true });
    const complaints: string[] = [];
    for (const namespace of namespaces) {
      const holder = hold(namespace, mountPoint, sizeMiB);
      const complaint = await complaintOf(holder);
      if (complaint === undefined) {
        return new SmallDisk(`/proc/${holder.pid}/root${mountPoint}`, holder);
      }
      complaints.push(complaint.trim());
    }
    throw new Error(
      "cannot mount a small disk, which needs Linux and either user namespaces " +
        "(sysctl kernel.unprivileged_userns_clone=1, or " +
        "kernel.apparmor_restrict_unprivileged_userns=0, or in a container " +
        `--security-opt seccomp=unconfined) or root with CAP_SYS_ADMIN: ${complaints.join("; ")}`,
    );
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** Copies all that is on it to an ordinary folder. */
  async copyTo(folder: string): Promise<void> {
    await cp(this.path, folder, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const closed = once(this.#holder, "close");
    this.#holder.stdin?.end();
    await closed;
  }
}

function hold(namespace: string, mountPoint: string, sizeMiB: number): ChildProcess {
  const script = `mount -t tmpfs -o size=${sizeMiB}m varve-faults "$0" && echo mounted && cat >&2`;
  const args = [namespace, "sh", "-c", script, mountPoint];
  return spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
}

/** Why there is no mount; `undefined` when there is one. */
async function complaintOf(holder: ChildProcess): Promise<string | undefined> {
  const { stdout, stderr } = holder as ChildProcessByStdio<Writable, Readable, Readable>;
  const complaint = text(stderr).catch(() => "");
  const ended = once(holder, "close").then(
    () => complaint,
    (error: Error) => error.message,
  );
  return Promise.race([once(stdout, "data").then(() => undefined), ended]);
}
