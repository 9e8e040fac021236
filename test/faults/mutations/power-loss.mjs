import { engine, mutation } from "./mutation.mjs";

const WRITER = engine("write/writer.js");
const BATCH = "await writeDurably(this.log.db, writes);";
const DATA_FOLDER = "packages/server/dist/data-folder.js";

const broken =
  (scenario) =>
  (guarantee, name, rounds, ...changes) =>
    mutation({ name, guarantee, scenario, rounds, changes });
const lost = broken("power-loss");
const cut = broken("log-truncation");
const failed = broken("fsync-failure");

/** What a loss of power must bring to light. */
export const powerLoss = [
  lost("G1", "writes are not synced", 6, [
    engine("log/database.js"),
    "SYNC = { sync: true }",
    "SYNC = { sync: false }",
  ]),
  lost("G1", "the folder of a new database is not synced", 20, [
    DATA_FOLDER,
    "await syncFolder(dirname(folder));",
    "",
  ]),
  lost("G1", "a new database is created in its place", 20, [
    DATA_FOLDER,
    "await createDatabase(path);",
    "",
  ]),
];

/** What a write that was cut off must bring to light. */
export const logTruncation = [
  cut(
    "G2",
    "an append is written in two parts",
    1,
    [
      engine("write/blocks.js"),
      "const BLOCK_BODY_BYTES = 32 * 1024;",
      "const BLOCK_BODY_BYTES = 1;",
    ],
    [
      WRITER,
      BATCH,
      `for (const half of [writes.slice(0, writes.length >> 1), writes.slice(writes.length >> 1)])
                    await writeDurably(this.log.db, half);`,
    ],
  ),
  cut("G1", "a write that was not finished is taken for damage", 1, [
    "packages/server/dist/integrity/log-fragment.js",
    'if (fault === "cut off")\n        return',
    'if (fault === "cut off")\n        return false &&',
  ]),
];

/** What a disk that fails to write must bring to light. */
export const fsyncFailure = [
  failed("G1", "the server goes on after a failed write", 4, [
    "packages/server/dist/store.js",
    "else\n                endProcess(workspace, err, logger);",
    "",
  ]),
  failed("G1", "a failed write is not noticed", 4, [
    WRITER,
    BATCH,
    "await writeDurably(this.log.db, writes).catch(() => {});",
  ]),
];
