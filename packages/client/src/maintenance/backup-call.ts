import { toBinary } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  type BackupRequest,
  type BackupResponse,
  BackupResponseSchema,
  type MaintenanceService,
} from "@varve/proto";
import type { CallPolicy } from "../call/connection.js";
import { openStream, type ServerStream } from "../call/server-stream.js";
import { VarveError } from "../errors.js";
import { required, requiredDate } from "../wire/required.js";
import type { Backup, BackupHeader } from "./types.js";

/** What every call of a maintenance client needs. */
export interface MaintenanceConnection extends CallPolicy {
  readonly rpc: Client<typeof MaintenanceService>;
}

interface Opened {
  readonly stream: ServerStream<BackupResponse>;
  readonly first: BackupResponse;
  readonly header: BackupHeader;
}

/** A backup that begins when its header or its frames are asked for. */
export class BackupCall implements Backup {
  #opened: Promise<Opened> | undefined;
  #iterated = false;

  constructor(
    private readonly connection: MaintenanceConnection,
    private readonly request: BackupRequest,
    private readonly signal: AbortSignal | undefined,
  ) {}

  get header(): Promise<BackupHeader> {
    return this.#start().then(({ header }) => header);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#iterated) throw new TypeError("A backup can be iterated once");
    this.#iterated = true;
    return this.#frames();
  }

  #start(): Promise<Opened> {
    if (this.#opened) return this.#opened;
    this.#opened = this.#open();
    // Nobody need look at the header: its rejection must not end the process.
    this.#opened.catch(() => undefined);
    return this.#opened;
  }

  async #open(): Promise<Opened> {
    const { connection, request, signal } = this;
    const stream = await openStream(connection, signal, (options) =>
      connection.rpc.backup(request, options),
    );
    try {
      const first = required(await stream.next(), "BackupResponse.frame");
      return { stream, first, header: decodeHeader(first) };
    } catch (failure) {
      stream.end();
      throw failure;
    }
  }

  async *#frames(): AsyncGenerator<Uint8Array, void, undefined> {
    const { stream, first } = await this.#start();
    try {
      let last = first;
      for (let next: BackupResponse | undefined = first; next; next = await stream.next()) {
        stream.check();
        yield toBinary(BackupResponseSchema, next);
        last = next;
      }
      if (last.frame.case !== "end") throw cutOff();
    } finally {
      stream.end();
    }
  }
}

function decodeHeader({ frame }: BackupResponse): BackupHeader {
  const header = required(
    frame.case === "header" ? frame.value : undefined,
    "BackupResponse.header",
  );
  const { workspace, afterPosition: after, afterChain, head, headChain } = header;
  const time = requiredDate(header.time, "BackupHeader.time");
  return { workspace, after, afterChain, head, headChain, time };
}

function cutOff(): VarveError {
  return new VarveError("The server ended the backup before it was whole", {
    code: "INTERNAL",
    reason: "UNKNOWN",
  });
}
