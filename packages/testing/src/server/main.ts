import { parseArgs } from "node:util";
import { readSettings, settingDefinitions, startServer } from "@varve/server";

/**
 * Runs a server for a test in any language. Takes the flags of `varve serve` and
 * prints one line of JSON, `{"address":…,"port":…,"pid":…}`, when it answers
 * calls. Listens on a free loopback port unless told otherwise. With `--tied` it
 * ends when its standard input ends, so that it never outlives the test.
 */
export async function main(args: readonly string[]): Promise<void> {
  const { tied, ...flags } = parseFlags(args);
  const server = await startServer(
    readSettings({ listen: "127.0.0.1:0", "log-level": "error", ...flags }, process.env),
  );
  const stop = (): void => {
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  if (tied) process.stdin.resume().once("end", stop).once("close", stop);
  const { address, port } = server;
  process.stdout.write(`${JSON.stringify({ address, port, pid: process.pid })}\n`);
}

function parseFlags(args: readonly string[]): Record<string, string | boolean | undefined> {
  const settings = settingDefinitions.map(({ name, boolean }) => [
    name,
    { type: boolean ? "boolean" : "string" } as const,
  ]);
  const options = { ...Object.fromEntries(settings), tied: { type: "boolean" as const } };
  const { values } = parseArgs({ args: [...args], options });
  // None of them may be given more than once.
  return values as Record<string, string | boolean | undefined>;
}
