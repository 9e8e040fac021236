import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { passOverEndedCalls } from "../grpc/ended-calls.js";
import { Connections } from "./connections.js";
import { listen } from "./listen.js";
import { RareNote } from "./rare-note.js";

/** Where clients come in. */
export interface Front {
  /** The real one, if any free one was asked for. */
  readonly port: number;
  /** Takes nobody in any more; who has begun to speak stays. Resolves when all have left. */
  close(): Promise<void>;
  /** Cuts off everyone who is still there. */
  destroy(): void;
}

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly connectionsMax: number;
  readonly logger: Logger;
}

/** Takes in connections for gRPC, and no more than there may be. Throws `StartupError`. */
export async function openFront(grpc: Server, options: FrontOptions): Promise<Front> {
  const { host, port, connectionsMax, logger } = options;
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  passOverEndedCalls(grpc);
  const tooMany = new RareNote((closed) =>
    logger.warn({ closed, connectionsMax }, "there are too many connections: some are closed"),
  );
  let lastError: Error | undefined;
  const notAccepted = new RareNote((times) =>
    logger.error({ times, err: lastError }, "connections could not be accepted"),
  );
  const connections = new Connections({
    max: connectionsMax,
    onBegin: (socket) => injector.injectConnection(socket),
    onTooMany: () => tooMany.add(),
  });
  const listening = await listen({
    host,
    port,
    onConnection: (socket) => connections.add(socket),
    onError: (error) => {
      lastError = error;
      notAccepted.add();
    },
  });
  return {
    port: listening.port,
    close: () => {
      listening.close();
      connections.closeSilent();
      return connections.gone();
    },
    destroy: () => {
      connections.destroy();
      for (const note of [tooMany, notAccepted]) note.stop();
    },
  };
}
