import { join } from "node:path";
import type { Payload } from "../load/payload.ts";
import { debianEnv, unpackDebian } from "./install/debian.ts";
import { importPackage, installPackages, packageVersion } from "./install/npm.ts";
import { runTool } from "./install/tool.ts";
import { NodeLoad } from "./node-load.ts";
import type { ClientSetting, LogClient, Peer, RunningServer, ServerSetting } from "./peer.ts";
import { freePort, startServer } from "./server-process.ts";

const DEBIAN_VERSION = "5:7.0.15*";
const FOLDER = "redis-server-7.0.15";

/** One stream of Redis holds the log; an entry has the event and the stream it is of. */
const LOG = "log";
/** A hash: how many events each stream has, kept for those with conditions. */
const COUNTS = "counts";
const PAGE = 5000;

/** Appends if the stream has as many events as is expected. Of one piece, as all scripts. */
const APPEND_AFTER = `
  local count = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
  if count ~= tonumber(ARGV[3]) then return redis.error_reply('CONFLICT at ' .. count) end
  redis.call('XADD', KEYS[1], '*', 's', ARGV[1], 'd', ARGV[2])
  return redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
`;

export const redis: Peer = {
  id: "redis",
  name: "Redis Streams",
  async install(kitchen) {
    await installPackages(kitchen);
    const folder = await unpackDebian(kitchen, "redis-server", DEBIAN_VERSION);
    const command = [join(folder, "usr", "bin", "redis-server"), "--version"];
    const version = await runTool(command, "to run Redis", { env: debianEnv(folder) });
    return {
      "redis-server": /v=(\S+)/.exec(version)?.[1] ?? "unknown",
      "redis (npm)": packageVersion("redis"),
    };
  },
  start,
  load: async (setting) => new NodeLoad(await client(setting)),
};

async function start({ programs, dataFolder, core }: ServerSetting): Promise<RunningServer> {
  const folder = join(programs, FOLDER);
  const port = await freePort();
  const settings = {
    bind: "127.0.0.1",
    port: String(port),
    dir: dataFolder,
    appendonly: "yes",
    // Synced before anything is answered; what came in the meantime shares the sync.
    appendfsync: "always",
    // No snapshots, and no log rewritten, beside what is measured.
    save: "",
    "auto-aof-rewrite-percentage": "0",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return startServer({
    command: [join(folder, "usr", "bin", "redis-server"), ...flags],
    port,
    core,
    folder: dataFolder,
    env: debianEnv(folder),
  });
}

interface RedisModule {
  createClient(options: { url: string }): RedisClient;
}

interface RedisClient {
  connect(): Promise<unknown>;
  destroy(): void;
  xAdd(key: string, id: string, fields: Record<string, string>): Promise<string>;
  xLen(key: string): Promise<number>;
  xRange(key: string, from: string, to: string, options: { COUNT: number }): Promise<Entry[]>;
  multi(): Multi;
  scriptLoad(script: string): Promise<string>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<number>;
}

interface Multi {
  xAdd(key: string, id: string, fields: Record<string, string>): Multi;
  exec(): Promise<unknown>;
}

interface Entry {
  readonly id: string;
  readonly message: { readonly d?: string };
}

async function client({ programs, address }: ClientSetting): Promise<LogClient> {
  const { createClient } = importPackage<RedisModule>(programs, "redis");
  const connection = createClient({ url: `redis://${address}` });
  await connection.connect();
  const sha = await connection.scriptLoad(APPEND_AFTER);
  return {
    append: (stream, event) => connection.xAdd(LOG, "*", fieldsOf(stream, event)),
    appendBatch: (stream, events) =>
      events
        .reduce((multi, event) => multi.xAdd(LOG, "*", fieldsOf(stream, event)), connection.multi())
        .exec(),
    appendAfter: (stream, event, count = 0) =>
      connection.evalSha(sha, {
        keys: [LOG, COUNTS],
        arguments: [stream, JSON.stringify(event), String(count)],
      }),
    readAll: (visit) => readAll(connection, visit),
    count: () => connection.xLen(LOG),
    async [Symbol.asyncDispose]() {
      connection.destroy();
    },
  };
}

function fieldsOf(stream: string, event: Payload): Record<string, string> {
  return { s: stream, d: JSON.stringify(event) };
}

async function readAll(connection: RedisClient, visit: (event: Payload) => void): Promise<void> {
  let from = "-";
  while (true) {
    const entries = await connection.xRange(LOG, from, "+", { COUNT: PAGE });
    for (const { message } of entries) visit(JSON.parse(message.d as string));
    if (entries.length < PAGE) return;
    from = `(${entries.at(-1)?.id}`;
  }
}
