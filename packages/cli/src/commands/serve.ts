import { once } from "node:events";
import { resolve } from "node:path";
import {
  type RunningServer,
  readSettings,
  type Settings,
  SettingsError,
  StartupError,
  startServer,
} from "@varve/server";
import { commandName } from "../command-name.js";
import type { ServeContext } from "../context.js";
import { CommandFailure, exitStatus, wrongUse } from "../exit.js";
import { defaultAddress } from "../options/values.js";
import { createPaint } from "../output/colours.js";

/** The server's settings as the command line gives them, by the names of their flags. */
export type ServeFlags = Readonly<Record<string, string | boolean | undefined>>;

/** Runs a server until SIGINT or SIGTERM, and stops it in order. */
export async function serve(context: ServeContext, flags: ServeFlags): Promise<void> {
  const settings = settingsOf(flags, context.env);
  const interrupted = context.takeInterrupts();
  const server = await start(settings);
  try {
    // A server goes on even if nobody reads what it says.
    await printBanner(context, server).catch(() => {});
    if (!interrupted.aborted) await once(interrupted, "abort");
  } finally {
    await server.stop();
  }
}

function settingsOf(flags: ServeFlags, env: ServeContext["env"]): Settings {
  try {
    return readSettings(flags, env);
  } catch (error) {
    throw error instanceof SettingsError ? wrongUse(`${error.message}.`) : error;
  }
}

async function start(settings: Settings): Promise<RunningServer> {
  try {
    return await startServer(settings);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    const { refused: status } = exitStatus;
    throw new CommandFailure(`${error.message}.`, {
      status,
      code: "UNAVAILABLE",
      reason: "STARTUP",
    });
  }
}

async function printBanner(
  { out, env }: ServeContext,
  { address, settings }: RunningServer,
): Promise<void> {
  const paint = createPaint(out.colours);
  const data = settings.inMemory ? "in memory, lost at the end" : resolve(settings.dataFolder);
  const option = address === defaultAddress ? "" : ` --address ${address}`;
  const varve = commandName({ folder: process.cwd(), path: env.PATH });
  const lines = [
    `Varve listens on ${paint("stream", address)}`,
    `  data  ${data}`,
    `  pid   ${process.pid}`,
    "",
    "Next, in another terminal:",
    ...["append order-1 --type order.Placed", "replay", "subscribe"].map(
      (command) => `  ${paint("type", `${varve} ${command}${option}`)}`,
    ),
  ];
  for (const line of lines) await out.line(line);
  await out.flush();
}
