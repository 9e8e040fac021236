import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BareServer } from "./baseline/bare-server.ts";
import { Disk } from "./baseline/disk.ts";
import { cloneDatabase } from "./database/clone.ts";
import { RawConnection } from "./http2/connection.ts";
import { type Random, seededRandom } from "./load/random.ts";
import type { Cores } from "./machine/cores.ts";
import { VarveServer } from "./process/varve-server.ts";
import type { DatabaseName, PreparedDatabase } from "./workload.ts";

export interface LabOptions {
  /** For the files of profiles, for example `W2`. */
  readonly name: string;
  /** Empty; on the disk that is measured. */
  readonly folder: string;
  readonly databases: Readonly<Partial<Record<DatabaseName, PreparedDatabase>>>;
  readonly cores: Cores;
  /** Absent: no profiles. */
  readonly profileFolder?: string | undefined;
  readonly seed: number;
  /** Of one repeat, about. */
  readonly seconds: number;
}

/** What workloads are made of: servers, baselines, connections. Ends all of it in the end. */
export class Lab implements AsyncDisposable {
  readonly options: LabOptions;
  readonly #open = new AsyncDisposableStack();
  #folders = 0;

  constructor(options: LabOptions) {
    this.options = options;
  }

  /** The same numbers in each run. */
  random(): Random {
    return seededRandom(this.options.seed);
  }

  database(name: DatabaseName): PreparedDatabase {
    const database = this.options.databases[name];
    if (!database) throw new Error(`the database ${name} was not prepared`);
    return database;
  }

  /** A data folder of its own with what the database holds. */
  clone(name: DatabaseName): string {
    const folder = this.#newFolder();
    cloneDatabase(this.database(name).folder, folder);
    return folder;
  }

  /** A server on a copy of a database. */
  async varve(name: DatabaseName = "base"): Promise<VarveServer> {
    return this.#open.use(await this.startVarve(this.clone(name)));
  }

  /** A server that the caller ends. */
  startVarve(dataFolder: string): Promise<VarveServer> {
    return VarveServer.start({ ...this.#process("server"), dataFolder });
  }

  async bare(): Promise<BareServer> {
    return this.#open.use(await BareServer.start(this.#process("bare")));
  }

  disk(): Disk {
    return this.#open.use(new Disk(this.#newFolder(), this.#process("disk")));
  }

  async connect(address: string): Promise<RawConnection> {
    return this.#open.use(await RawConnection.open(address));
  }

  /** To be ended with the rest. */
  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    return this.#open.use(resource);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }

  #process(what: string): { name: string; core: number | undefined; profileFolder?: string } {
    const { name, cores, profileFolder } = this.options;
    return { name: `${name}-${what}`, core: cores.server, ...(profileFolder && { profileFolder }) };
  }

  #newFolder(): string {
    const folder = join(this.options.folder, String(this.#folders++));
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}
