import { defaultLimits, type Limits } from "@varve/engine";

/** How a server runs: what flags and environment say, checked. */
export interface Settings {
  /** The folder of the data; not used with `inMemory`. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Keep everything in memory, and lose it when the server ends. */
  readonly inMemory: boolean;
  readonly logLevel: LogLevel;
  /** How long append ids are remembered, ms. */
  readonly appendIdRetentionMs: number;
  /** Free space of the disk under which appends are refused, bytes; 0 for none. */
  readonly freeSpaceReserveBytes: number;
  /** From the start of one check of everything stored to the next, ms; 0 for none. */
  readonly scrubIntervalMs: number;
  /** What such a check reads in a second, at most, bytes. */
  readonly scrubBytesPerSecondMax: number;
  /** Workspaces open at a time. */
  readonly openWorkspacesMax: number;
  /** What all calls together may hold in memory for slow clients, bytes. */
  readonly callMemoryBytes: number;
  /** Connections at a time; `undefined` for as many as the process has handles for, up to 10,000. */
  readonly connectionsMax: number | undefined;
  /** How long calls may take to end when the server stops, ms. */
  readonly stopGraceMs: number;
  readonly limits: Limits;
}

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A setting has a wrong value. The message is a sentence for the user. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** One setting: a flag and the environment variable that mirrors it. */
export interface SettingDefinition {
  /** The flag without its dashes, for example `data`. */
  readonly name: string;
  /** For example `VARVE_DATA`. A flag wins over it. */
  readonly env: string;
  /** What the value is called in the help. */
  readonly placeholder?: string;
  readonly description: string;
  readonly defaultText: string;
  /** A flag without a value; in the environment `true` or `false`. */
  readonly boolean: boolean;
}

const limitSettings = {
  "max-event-data-bytes": ["eventDataBytesMax", "bytes of one event's data"],
  "max-append-bytes": ["appendBytesMax", "bytes of one append"],
  "max-append-events": ["appendEventsMax", "events of one append"],
  "max-stream-name-bytes": ["streamNameBytesMax", "bytes of a stream's name"],
  "max-type-bytes": ["typeBytesMax", "bytes of an event's type"],
  "max-metadata-bytes": ["metadataBytesMax", "bytes of an event's metadata"],
  "max-tags": ["tagsMax", "tags of one event"],
  "max-tag-bytes": ["tagBytesMax", "bytes of one tag"],
  "max-snapshot-bytes": ["snapshotBytesMax", "bytes of a snapshot's data"],
  "max-condition-look-ups": ["conditionLookUpsMax", "look-ups for one append's query conditions"],
} as const satisfies Record<string, readonly [keyof Limits, string]>;

/** No limit can be set higher: frames of the contract must fit into what clients receive. */
const LIMIT_MAX = 64 * 1024 * 1024;

/** Every setting there is, in the order of the help. */
export const settingDefinitions: readonly SettingDefinition[] = [
  define("data", "DIR", "folder of the data, created if it is missing", "./varve-data"),
  define("listen", "HOST:PORT", "address to listen on", "127.0.0.1:4270"),
  { ...define("in-memory", undefined, "keep the data in memory only", "false"), boolean: true },
  define("log-level", "LEVEL", `one of ${logLevels.join(", ")}`, "info"),
  define("append-id-retention-hours", "N", "hours that append ids are remembered, 1 or more", "24"),
  define("free-space-reserve-mib", "N", "MiB of the disk to keep free; 0 for none", "256"),
  define("scrub-interval-hours", "N", "hours between checks of all that is stored; 0: never", "24"),
  define("scrub-mib-per-second", "N", "MiB that such a check reads in a second, at most", "8"),
  define("open-workspaces", "N", "workspaces that may be open at a time, 2 or more", "64"),
  define("call-memory-mib", "N", "MiB that calls may hold in memory for slow clients", "256"),
  define("connections-max", "N", "connections at a time; auto: by the limit on handles", "auto"),
  define("stop-grace-seconds", "N", "seconds that calls may take to end at a stop", "10"),
  ...Object.entries(limitSettings).map(([name, [limit, what]]) =>
    define(name, "N", `at most so many ${what}`, String(defaultLimits[limit])),
  ),
];

/** Reads the settings once, at the start. Throws `SettingsError`. */
export function readSettings(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const source = new SettingSource(flags, env);
  return {
    dataFolder: source.text("data"),
    ...source.address("listen"),
    inMemory: source.boolean("in-memory"),
    logLevel: source.oneOf("log-level", logLevels),
    appendIdRetentionMs: source.integer("append-id-retention-hours", 1, 24 * 366) * 3_600_000,
    freeSpaceReserveBytes: source.integer("free-space-reserve-mib", 0, 2 ** 30) * 1024 * 1024,
    scrubIntervalMs: source.integer("scrub-interval-hours", 0, 14 * 24) * 3_600_000,
    scrubBytesPerSecondMax: source.integer("scrub-mib-per-second", 1, 2 ** 20) * 1024 * 1024,
    openWorkspacesMax: source.integer("open-workspaces", 2, 100_000),
    callMemoryBytes: source.integer("call-memory-mib", 1, 2 ** 20) * 1024 * 1024,
    connectionsMax: source.automaticOr("connections-max", 1, 2 ** 20),
    stopGraceMs: source.integer("stop-grace-seconds", 0, 3600) * 1000,
    limits: readLimits(source),
  };
}

function readLimits(source: SettingSource): Limits {
  const limits = Object.entries(limitSettings).map(([name, [limit]]) => [
    limit,
    source.integer(name, 1, LIMIT_MAX),
  ]);
  return { ...defaultLimits, ...Object.fromEntries(limits) };
}

function define(
  name: string,
  placeholder: string | undefined,
  description: string,
  defaultText: string,
): SettingDefinition {
  const env = `VARVE_${name.replaceAll("-", "_").toUpperCase()}`;
  return {
    name,
    env,
    description,
    defaultText,
    boolean: false,
    ...(placeholder && { placeholder }),
  };
}

/** Looks a value up: the flag, the environment variable, the default. */
class SettingSource {
  constructor(
    private readonly flags: Readonly<Record<string, string | boolean | undefined>>,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  text(name: string): string {
    const { value } = this.#find(name);
    if (value.trim() === "") throw this.#wrong(name, "must not be empty");
    return value;
  }

  boolean(name: string): boolean {
    const { value } = this.#find(name);
    if (value === "true" || value === "1") return true;
    if (value === "false" || value === "0" || value === "") return false;
    throw this.#wrong(name, `must be true or false, is ${JSON.stringify(value)}`);
  }

  integer(name: string, minimum: number, maximum: number, or = ""): number {
    const { value } = this.#find(name);
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    const sentence = `must be ${or}a whole number from ${minimum} to ${maximum}`;
    throw this.#wrong(name, `${sentence}, is ${JSON.stringify(value)}`);
  }

  /** A whole number, or `undefined` where the server chooses. */
  automaticOr(name: string, minimum: number, maximum: number): number | undefined {
    if (this.#find(name).value === "auto") return undefined;
    return this.integer(name, minimum, maximum, "auto or ");
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const { value } = this.#find(name);
    const found = values.find((candidate) => candidate === value);
    if (found) return found;
    throw this.#wrong(name, `must be one of ${values.join(", ")}, is ${JSON.stringify(value)}`);
  }

  address(name: string): { host: string; port: number } {
    const { value } = this.#find(name);
    const match = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+):(\d{1,5})$/i.exec(value);
    const port = Number(match?.[2]);
    if (match?.[1] && port <= 65_535) return { host: match[1], port };
    throw this.#wrong(name, `must be HOST:PORT, is ${JSON.stringify(value)}`);
  }

  #find(name: string): { value: string; origin: string } {
    const definition = settingDefinitions.find((d) => d.name === name) as SettingDefinition;
    const flag = this.flags[name];
    if (flag !== undefined) return { value: String(flag), origin: `--${name}` };
    const value = this.env[definition.env];
    if (value !== undefined && value !== "") return { value, origin: definition.env };
    return { value: definition.defaultText, origin: "the default" };
  }

  #wrong(name: string, sentence: string): SettingsError {
    return new SettingsError(`${this.#find(name).origin} ${sentence}`);
  }
}
