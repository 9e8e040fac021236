import { parseArgs } from "node:util";
import { OptionsError, positive } from "../options.ts";
import { peers } from "./index.ts";
import type { PeerId } from "./peer.ts";

/** What a run does: see `peersHelp`. */
export interface PeersOptions {
  /** In their order. */
  readonly peers: readonly PeerId[];
  readonly seconds: number;
  readonly repeats: number;
  /** In the log that is read, and that is appended to then. */
  readonly events: number;
  /** Where programs are kept and servers write. Default: bench/.cache. */
  readonly folder: string | undefined;
  /** Where the results go. Default: bench/results/peers.json. */
  readonly output: string | undefined;
  readonly help: boolean;
}

export const peersHelp: string = `npm run bench:peers -- [PEER …] [OPTION …]

Measures Varve against the peers that are named, or all of them: ${peers.map(({ id }) => id).join(", ")}.
Installs them when they are first asked for. Writes bench/results/peers.json and
peers.md. docs/peers.md says how each is set up.

  --seconds N     of each repeat, about (default 1.5)
  --repeats N     of each side (default 5)
  --events N      in the log that a catch-up reads (default 100,000)
  --folder DIR    keeps programs there, and data while it runs (default bench/.cache)
  --output FILE   writes the results there instead, and the table beside them
  --help
`;

/** Throws `OptionsError`. */
export function readPeersOptions(args: readonly string[]): PeersOptions {
  const { values, positionals } = parse(args);
  const wanted = positionals.map((id) => id.toLowerCase());
  const unknown = wanted.find((id) => !peers.some((peer) => peer.id === id));
  if (unknown !== undefined) throw new OptionsError(`there is no peer ${unknown}`);
  const chosen = peers.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  return {
    peers: chosen.map(({ id }) => id),
    seconds: positive("seconds", values.seconds ?? "1.5"),
    repeats: Math.ceil(positive("repeats", values.repeats ?? "5")),
    events: Math.ceil(positive("events", values.events ?? "100000")),
    folder: values.folder,
    output: values.output,
    help: values.help === true,
  };
}

interface Parsed {
  readonly values: {
    readonly [name in "seconds" | "repeats" | "events" | "folder" | "output"]?: string | undefined;
  } & { readonly help?: boolean | undefined };
  readonly positionals: readonly string[];
}

function parse(args: readonly string[]): Parsed {
  const value = { type: "string" } as const;
  const options = {
    help: { type: "boolean" },
    seconds: value,
    repeats: value,
    events: value,
    folder: value,
    output: value,
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}
