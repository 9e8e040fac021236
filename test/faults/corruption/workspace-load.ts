import { type AppendInit, newEvent } from "../../src/support/requests.ts";
import type { AppendOperation } from "../history.ts";
import { outcomeOf, outcomeOfFailure } from "../load/append-outcome.ts";
import { Connection } from "../load/connection.ts";
import { fromThrown } from "../load/failure.ts";
import type { Random } from "../random.ts";

const IN_FLIGHT = 8;
const BULK_BYTES = 50_000;

const types = ["order.Placed", "order.Paid", "stock.Reserved", "stock.Released"];
const categories = ["order", "stock", "customer"];
const STREAMS_PER_CATEGORY = 4;
const TAGS = 4;

/** What is appended to one workspace, and what came of it. */
export class WorkspaceLoad {
  readonly workspace: string;
  readonly appends: AppendOperation[] = [];
  readonly #random: Random;

  constructor(workspace: string, random: Random) {
    this.workspace = workspace;
    this.#random = random;
  }

  /** Appends until so many more events are acknowledged, or the server is gone. */
  async run(address: string, events: number): Promise<void> {
    await this.#run(address, events, () => this.#next());
  }

  /** Appends so many events, each when the one before it is acknowledged. */
  async runOneByOne(address: string, events: number): Promise<void> {
    await this.#run(address, events, () => this.#next(1), 1);
  }

  /** Appends large events, together so many bytes. */
  async runBulk(address: string, bytes: number): Promise<void> {
    await this.#run(address, Math.ceil(bytes / BULK_BYTES), () => this.#nextBulk());
  }

  async #run(
    address: string,
    events: number,
    next: () => AppendInit,
    inFlight: number = IN_FLIGHT,
  ): Promise<void> {
    using connection = new Connection(() => address);
    let left = events;
    let isUp = true;
    const work = async (): Promise<void> => {
      while (left > 0 && isUp) {
        const operation = await this.#append(connection, next());
        this.appends.push(operation);
        if (operation.outcome.case === "stored") left -= operation.append.events.length;
        else isUp = false;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
  }

  async #append(connection: Connection, append: AppendInit): Promise<AppendOperation> {
    const startedMs = performance.now();
    const outcome = await connection.client.append(append).then(
      (response) => outcomeOf(response),
      (error: unknown) => outcomeOfFailure(fromThrown(error)),
    );
    return { client: 0, startedMs, endedMs: performance.now(), append, outcome };
  }

  #next(count = this.#anyCount()): AppendInit {
    const random = this.#random;
    return {
      workspace: this.workspace,
      appendId: random.uuid(),
      events: Array.from({ length: count }, () => this.#event()),
    };
  }

  #anyCount(): number {
    return this.#random.chance(0.5) ? 1 : this.#random.integer(2, 30);
  }

  #nextBulk(): AppendInit {
    const data = bytesOf(this.#random, BULK_BYTES);
    const events = [newEvent("bulk-1", { id: this.#random.uuid(), type: "bulk", data })];
    return { workspace: this.workspace, appendId: this.#random.uuid(), events };
  }

  #event(): ReturnType<typeof newEvent> {
    const random = this.#random;
    const stream = `${random.pick(categories)}-${random.integer(1, STREAMS_PER_CATEGORY)}`;
    return newEvent(stream, {
      id: random.uuid(),
      type: random.pick(types),
      data: this.#data(),
      tags: random.chance(0.8) ? [`tag:${random.integer(1, TAGS)}`] : [],
    });
  }

  /** In part such that LevelDB can compress it. */
  #data(): Uint8Array {
    const random = this.#random;
    const size = random.chance(0.01) ? random.integer(5_000, 80_000) : random.integer(0, 500);
    if (random.chance(0.5)) return new Uint8Array(size).fill(random.integer(0, 255));
    return bytesOf(random, size);
  }
}

function bytesOf(random: Random, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.integer(0, 255));
}
