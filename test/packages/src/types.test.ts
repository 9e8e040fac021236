import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { readmeProgram } from "./support/documents.ts";
import { domEntry, entries, vitestEntry } from "./support/entries.ts";
import { Project } from "./support/project.ts";

const require = createRequire(import.meta.url);
const compilers = {
  "5.9": "typescript-5.9",
  "7": "typescript",
} as const;

type Compiler = keyof typeof compilers;

function tsc(version: Compiler): string {
  return join(dirname(require.resolve(`${compilers[version]}/package.json`)), "bin/tsc");
}

/** As a careful user has it: nothing is skipped, and there are no types of the DOM. */
const strict = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  target: "ES2022",
  lib: ["ES2022"],
  types: ["node"],
};

interface Setup {
  readonly compiler: Compiler;
  readonly module: string;
  readonly moduleResolution: string;
  /** The ending of the file that imports: it says whether it is compiled to `require`. */
  readonly ending: "mts" | "cts" | "ts";
}

const setups: readonly Setup[] = [
  ...(["5.9", "7"] as const).flatMap((compiler): Setup[] => [
    { compiler, module: "nodenext", moduleResolution: "nodenext", ending: "mts" },
    { compiler, module: "nodenext", moduleResolution: "nodenext", ending: "cts" },
    { compiler, module: "esnext", moduleResolution: "bundler", ending: "ts" },
  ]),
  // Gone from TypeScript 7, but what `module: commonjs` means up to 5.
  { compiler: "5.9", module: "commonjs", moduleResolution: "node10", ending: "ts" },
];

function names(modules: readonly string[]): string {
  const imports = modules.map((entry, at) => `import * as e${at} from "${entry}";`);
  return `${imports.join("\n")}\nexport const all = [${modules.map((_, at) => `e${at}`).join(", ")}];\n`;
}

/** What the compiler has to say of programs: nothing, if all is well. */
async function complaints(
  { compiler, ending, ...options }: Setup,
  programs: readonly string[],
  more: object = {},
): Promise<string> {
  const project = new Project(inject("projects").npm);
  const folder = ["types", compiler, options.moduleResolution, ending, programs.length].join("-");
  const files = programs.map((text, at) => project.write(`${folder}/${at}.${ending}`, text));
  const config = { compilerOptions: { ...strict, ...options, ...more }, files };
  const path = project.write(`${folder}/tsconfig.json`, JSON.stringify(config));
  return project.run(process.execPath, [tsc(compiler), "-p", path]).then(
    () => "",
    (error: Error) => error.message,
  );
}

const plain = entries.filter((entry) => entry !== vitestEntry && entry !== domEntry);

// The main entry of the SDK named types of the DOM, which programs for Node.js have not.
describe("without types of the DOM, every entry type-checks", () => {
  it.each(setups)("TypeScript $compiler, $module, $moduleResolution, .$ending", async (setup) => {
    expect(await complaints(setup, [names(plain)])).toBe("");
  });
});

describe.each(["5.9", "7"] as const)("with TypeScript %s", (compiler) => {
  it("the program of the README compiles, and so does the entry for transports", async () => {
    const module = { module: "nodenext", moduleResolution: "nodenext", ending: "mts" } as const;
    const programs = [readmeProgram(), names([domEntry])];
    expect(await complaints({ compiler, ...module }, programs, { lib: ["ES2022", "DOM"] })).toBe(
      "",
    );
  });
});
