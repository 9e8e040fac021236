import { spawn } from "node:child_process";
import { once } from "node:events";

/** Lets Node load the sources as they are, where imports name what they compile to. */
const HOOKS = `
import { registerHooks } from "node:module";
registerHooks({
  resolve(specifier, context, next) {
    const ours = context.parentURL?.endsWith(".ts") && specifier.startsWith(".");
    return next(ours ? specifier.replace(/\\.js$/, ".ts") : specifier, context);
  },
});
`;

/** Runs a module in a process of its own, to its natural end. Resolves with the exit code. */
export async function runTypescript(module: string): Promise<number | null> {
  const child = spawn(
    process.execPath,
    ["--import", dataUrl(HOOKS), "--input-type=module", "--eval", module],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

function dataUrl(module: string): string {
  return `data:text/javascript,${encodeURIComponent(module)}`;
}
