import { createRequire } from "node:module";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Server, setLogger } from "@grpc/grpc-js";
import { type EventStore, messageBytesMax } from "@varve/engine";
import { EventStoreService, MaintenanceService } from "@varve/proto";
import { Health } from "@varve/proto/grpc";
import { HealthImplementation } from "grpc-health-check";
import type { Logger } from "pino";
import { maintenanceHandlers } from "./backup/maintenance-handlers.js";
import { type Front, openFront } from "./connections/front.js";
import { workspacePath } from "./data-folder.js";
import { FreeSpaceReserve } from "./free-space.js";
import { CallGuard } from "./grpc/call-guard.js";
import { CallMemory } from "./grpc/call-memory.js";
import { Calls } from "./grpc/calls.js";
import { rawServiceDefinition } from "./grpc/definition.js";
import { eventStoreHandlers } from "./grpc/handlers.js";
import { addReflection } from "./grpc/reflection.js";
import { type HandleBudget, planHandles } from "./handle-budget.js";
import { Scrub } from "./integrity/scrub.js";
import { createLogger } from "./logger.js";
import type { Settings } from "./settings.js";
import { type ClosableStorage, createStore, openDefault, openStorage } from "./store.js";

/** A server that answers calls. */
export interface RunningServer {
  /** Where it listens, as HOST:PORT, with the real port. */
  readonly address: string;
  readonly port: number;
  readonly settings: Settings;
  /**
   * Refuses new calls, ends subscriptions with a position to resume after,
   * finishes what is under way within the grace time, and closes the data.
   */
  stop(): Promise<void>;
}

/** The version of this package. */
export const version: string = createRequire(import.meta.url)("../package.json").version;

/** Starts a server. Throws `StartupError`; then nothing is left open. */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const logger = createLogger(settings.logLevel);
  const handles = planHandlesFor(settings, logger);
  const reserve = new FreeSpaceReserve({
    folder: resolve(settings.dataFolder),
    reserveBytes: settings.inMemory ? 0 : settings.freeSpaceReserveBytes,
    logger,
  });
  const storage = await openStorage(settings, reserve, logger);
  const store = createStore(storage, { settings, version, handles, reserve, logger });
  const scrub = createScrub(store, settings, logger);
  const watch = watchDisk(store, reserve);
  try {
    await openDefault(store, settings);
    await reserve.start();
    const server = createGrpcServer(store, settings, logger);
    const { host, port: wantedPort } = settings;
    const { connectionsMax } = handles;
    const front = await openFront(server.grpc, { host, port: wantedPort, connectionsMax, logger });
    const { port } = front;
    const address = `${host}:${port}`;
    const data = settings.inMemory ? "memory" : settings.dataFolder;
    logger.info({ address, data, version, pid: process.pid }, "listening");
    if (!isLoopback(settings.host)) {
      logger.warn("listening beyond this machine: anyone who can connect can read and append");
    }
    scrub.start();
    return {
      address,
      port,
      settings,
      stop: stopOnce({ ...server, front, store, storage, reserve, watch, scrub, settings, logger }),
    };
  } catch (error) {
    await reserve.stop();
    clearInterval(watch);
    await store.close();
    await storage.close?.();
    throw error;
  }
}

function planHandlesFor(settings: Settings, logger: Logger): HandleBudget {
  const { inMemory, connectionsMax, openWorkspacesMax } = settings;
  const onDisk = inMemory ? 0 : openWorkspacesMax;
  const handles = planHandles({ connectionsMax, openWorkspacesMax: onDisk });
  const isLess =
    handles.openWorkspacesMax < onDisk ||
    (connectionsMax !== undefined && handles.connectionsMax < connectionsMax);
  if (isLess)
    logger.warn(handles, "the limit on handles (ulimit -n) does not allow all that is set");
  return inMemory ? { ...handles, openWorkspacesMax } : handles;
}

function createScrub(store: EventStore, settings: Settings, logger: Logger): Scrub {
  return new Scrub({
    store,
    pathOf: (workspace) => workspacePath(settings.dataFolder, workspace),
    // In memory there is nothing that a disk could have changed.
    intervalMs: settings.inMemory ? 0 : settings.scrubIntervalMs,
    bytesPerSecondMax: settings.scrubBytesPerSecondMax,
    logger,
  });
}

/** How often it is looked whether the data is where it was, and how much space is free, ms. */
const WATCH_MS = 1000;

function watchDisk(store: EventStore, reserve: FreeSpaceReserve): NodeJS.Timeout {
  const look = (): void => {
    store.checkStorage();
    reserve.tick();
  };
  return setInterval(look, WATCH_MS).unref();
}

/** A client that does not answer a ping for this long is taken as gone. */
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
const CONCURRENT_CALLS_MAX = 4096;

/** What health is told of: the server as a whole, and each service. */
const healthNames = ["", EventStoreService.typeName, MaintenanceService.typeName];

function createGrpcServer(
  store: EventStore,
  settings: Settings,
  logger: Logger,
): Pick<Parts, "calls" | "grpc" | "health"> {
  // It quotes what clients send, as it is, and would write it to standard error.
  const log = (text: unknown): void => logger.debug({ text }, "grpc-js");
  setLogger({ error: log, info: log, debug: log });
  const guard = new CallGuard(createCallMemory(settings, logger));
  const grpc = new Server({
    interceptors: [guard.interceptor],
    "grpc.max_receive_message_length": messageBytesMax(settings.limits),
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_TIMEOUT_MS,
    // Counts every call and message, for a service that is not offered.
    "grpc.enable_channelz": 0,
    "grpc.max_concurrent_streams": CONCURRENT_CALLS_MAX,
  });
  const calls = new Calls(guard, logger);
  grpc.addService(rawServiceDefinition(EventStoreService), eventStoreHandlers(store, calls));
  grpc.addService(rawServiceDefinition(MaintenanceService), maintenanceHandlers(store, calls));
  const health = new HealthImplementation(
    Object.fromEntries(healthNames.map((name) => [name, "SERVING"])),
  );
  health.addToServer(grpc);
  addReflection(grpc, calls, [EventStoreService, MaintenanceService, Health]);
  return { calls, grpc, health };
}

/** What is sent at once, besides one event or snapshot of any size: a batch, names, tags. */
const FRAME_BYTES = 512 * 1024;

function createCallMemory({ callMemoryBytes, limits }: Settings, logger: Logger): CallMemory {
  const { eventDataBytesMax, metadataBytesMax, snapshotBytesMax } = limits;
  const largest = Math.max(eventDataBytesMax + metadataBytesMax, snapshotBytesMax);
  return new CallMemory({
    bytesMax: callMemoryBytes,
    frameBytesMax: FRAME_BYTES + largest,
    onCut: (calls) => logger.warn({ calls }, "calls that made no progress are cut off for others"),
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

interface Parts {
  readonly calls: Calls;
  readonly grpc: Server;
  readonly front: Front;
  readonly health: HealthImplementation;
  readonly store: EventStore;
  readonly storage: ClosableStorage;
  readonly reserve: FreeSpaceReserve;
  readonly watch: NodeJS.Timeout;
  readonly scrub: Scrub;
  readonly settings: Settings;
  readonly logger: Logger;
}

function stopOnce(parts: Parts): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop(parts);
    return stopped;
  };
}

/** How long the ends of calls may take to reach their clients, ms. */
const FLUSH_MS = 1000;

async function stop(parts: Parts): Promise<void> {
  const { grpc, front, health, store, storage, reserve, watch, scrub, logger } = parts;
  logger.info("stopping");
  for (const name of healthNames) health.setStatus(name, "NOT_SERVING");
  // Not what grpc-js tells: of connections that were handed to it, it knows too little.
  const left = front.close();
  grpc.tryShutdown(() => {});
  await scrub.stop();
  await store.stop();
  await endOfCalls(parts, left);
  // A connection that broke while it was being closed is never reported as closed.
  grpc.forceShutdown();
  front.destroy();
  await reserve.stop();
  clearInterval(watch);
  await store.close();
  await storage.close?.();
  logger.info("stopped");
}

async function endOfCalls({ calls, settings, logger }: Parts, left: Promise<void>): Promise<void> {
  if (await within(settings.stopGraceMs, calls.idle())) await within(FLUSH_MS, left);
  else logger.warn("calls did not end within the grace time and are cut off");
}

/** Whether a promise resolves in time. */
async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
