import { engine, mutation } from "./mutation.mjs";

const WRITER = engine("write/writer.js");
const WORKSPACES = engine("workspace/workspaces.js");
const server = (path) => `packages/server/dist/${path}`;

const broken = (guarantee, name, ...changes) =>
  mutation({ name, guarantee, scenario: "disk-full", rounds: 8, changes });

/** What a lack of space must bring to light. */
export const diskFull = [
  broken(
    "G10",
    "after a failed write the database is not closed before it is opened anew",
    [engine("workspace/workspace.js"), "await this.log.db.close();", ""],
    [
      server("data-folder.js"),
      "const db = new ClassicLevel(path, options);\n    await db.open();\n    return db;",
      `globalThis.opened ??= new Map();
      if (globalThis.opened.has(path)) return globalThis.opened.get(path);
      const db = new ClassicLevel(path, options);
      await db.open();
      globalThis.opened.set(path, db);
      return db;`,
    ],
  ),
  broken("G1", "the writer goes on after a failed write", [
    WRITER,
    "this.options.onFailure(cause);",
    "this.#failure = undefined;",
  ]),
  broken("G1", "an append is acknowledged although its write has failed", [
    WRITER,
    "this.#fail(group, other, cause);\n            return;",
    "if (group.blocks.length === 0) { this.#fail(group, other, cause); return; }",
  ]),
  broken("G10", "the reserve of free space is ignored", [
    server("store.js"),
    "refuseWrites: (bytes) => reserve.refusal(bytes)",
    "refuseWrites: () => undefined",
  ]),
  broken("G10", "that there is space again is not noticed", [
    server("free-space.js"),
    "if (this.#isRunning)\n            void this.#look();",
    "if (this.#isRunning && this.#hadSpace) void this.#look();",
  ]),
  broken("G10", "a workspace that could not be opened is not tried again", [
    WORKSPACES,
    "if (this.#entries.get(name) === entry)\n                this.#entries.delete(name);",
    "",
  ]),
];
