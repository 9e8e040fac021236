import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Cores } from "../machine/cores.ts";
import { contestantOf } from "./index.ts";
import { inLoadProcess, type ServerAccess } from "./load-process.ts";
import type { PeersOptions } from "./options.ts";
import type { PeerId, RunningServer } from "./peer.ts";

/** Where a run keeps what. */
export interface PeersPlaces {
  /** What is installed, kept from run to run. */
  readonly programs: string;
  /** Files of this run. */
  readonly run: string;
}

/** What all of a run have in common. */
export interface Setting {
  readonly options: PeersOptions;
  readonly places: PeersPlaces;
  readonly cores: Cores;
  readonly say: (sentence: string) => void;
}

/** A server with a log of the size that was asked for. */
export class FilledServer implements AsyncDisposable {
  readonly #server: RunningServer;
  readonly #contestant: PeerId | "varve";
  readonly #folder: string;
  readonly #setting: Setting;

  private constructor(
    server: RunningServer,
    contestant: PeerId | "varve",
    folder: string,
    setting: Setting,
  ) {
    this.#server = server;
    this.#contestant = contestant;
    this.#folder = folder;
    this.#setting = setting;
  }

  static async start(
    contestant: PeerId | "varve",
    folder: string,
    setting: Setting,
  ): Promise<FilledServer> {
    const { options, places, cores, say } = setting;
    const { name, start } = contestantOf(contestant);
    const own = join(folder, contestant);
    const dataFolder = join(own, "data");
    mkdirSync(dataFolder, { recursive: true });
    const server = await start({ programs: places.programs, dataFolder, core: cores.server });
    const filled = new FilledServer(server, contestant, own, setting);
    say(`${name}: filling a log of ${options.events.toLocaleString("en")} events …`);
    try {
      const request = { server: filled.access("fill"), events: options.events };
      await inLoadProcess(cores.client, (load) => load.call("fill", request));
      return filled;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `use`: names a folder of the client. */
  access(use: string): ServerAccess {
    const { places, cores } = this.#setting;
    const folder = join(this.#folder, use);
    mkdirSync(folder);
    return {
      contestant: this.#contestant,
      address: this.#server.address,
      pid: this.#server.pid,
      programs: places.programs,
      folder,
      core: cores.client,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
