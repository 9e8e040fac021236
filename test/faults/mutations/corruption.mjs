import { engine, mutation } from "./mutation.mjs";

const EVENT_LOG = engine("log/event-log.js");
const server = (path) => `packages/server/dist/${path}`;

const broken = (guarantee, name, ...changes) =>
  mutation({ name, guarantee, scenario: "corruption", rounds: 8, changes });

/** What damaged files must bring to light. */
export const corruption = [
  broken("G11", "the checksum of a block is not looked at", [
    engine("format/block.js"),
    "if (crc32(bytes.subarray(BlockOffset.format)) !== bytes.readUInt32BE(BlockOffset.crc)) {",
    "if (false) {",
  ]),
  broken("G11", "the checksum of an entry beside the log is not looked at", [
    engine("format/checked-value.js"),
    "value.length < CRC_BYTES || checksum(key, content) !== value.readUInt32BE(0)",
    "value.length < CRC_BYTES",
  ]),
  broken(
    "G11",
    "blocks that are missing are passed over",
    [EVENT_LOG, "if (!holdsNext)", "if (false)"],
    [EVENT_LOG, "if (before && !areAdjacent(before, block, backwards)) {", "if (false) {"],
    [
      engine("log/open.js"),
      "if (!followsOn(block, previousLast, previousChain)) {",
      "if (false) {",
    ],
  ),
  broken("G11", "blocks of another log are served", [
    EVENT_LOG,
    "if (this.damage && block.lastPosition > this.#trustedTo)",
    "if (false)",
  ]),
  broken("G11", "a database is opened whatever its files are like", [
    server("integrity/opening-check.js"),
    "if (!finding)",
    "if (true)",
  ]),
];
