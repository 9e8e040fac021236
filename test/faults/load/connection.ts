import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventStoreService } from "@varve/proto";
import { fromThrown } from "./failure.ts";

export type StoreClient = Client<typeof EventStoreService>;

const RETRY_MS = 20;
const STATUS_MS_MAX = 2000;

/** One connection to a server that may go away, and come back elsewhere. */
export class Connection implements Disposable {
  readonly #address: () => string;
  #manager: Http2SessionManager | undefined;
  #client: StoreClient | undefined;
  #connectedTo = "";

  /** `address`: HOST:PORT, asked for before each call. */
  constructor(address: () => string) {
    this.#address = address;
  }

  /** For one call: later ones may need another. */
  get client(): StoreClient {
    const address = this.#address();
    if (!this.#client || address !== this.#connectedTo) this.#client = this.#connect(address);
    return this.#client;
  }

  /**
   * Resolves when the server answers, over a new connection if need be, or when the
   * signal aborts. Nothing of it is recorded.
   */
  async up(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const client = this.client;
      try {
        await client.getStatus({}, { timeoutMs: STATUS_MS_MAX, signal });
        return;
      } catch (error) {
        const { reason } = fromThrown(error);
        if (reason !== "CONNECTION_LOST" && reason !== "SERVER_STOPPING") return;
        // What hangs would hang for ever. Another worker may have been faster.
        if (client === this.#client) this.#client = undefined;
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  [Symbol.dispose](): void {
    this.#manager?.abort();
    this.#client = undefined;
  }

  #connect(address: string): StoreClient {
    this.#manager?.abort();
    const baseUrl = `http://${address}`;
    this.#connectedTo = address;
    this.#manager = new Http2SessionManager(baseUrl);
    const transport = createGrpcTransport({ baseUrl, sessionManager: this.#manager });
    return createClient(EventStoreService, transport);
  }
}
