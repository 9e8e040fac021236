import { mutation } from "./mutation.mjs";

const broken = (guarantee, name, ...changes) =>
  mutation({ name, guarantee, scenario: "fuzz", rounds: 3, changes });

const server = (path) => `packages/server/dist/${path}`;

const GUARD = server("grpc/call-guard.js");
const CALLS = server("grpc/calls.js");

/** What input that is wrong must bring to light. */
export const fuzz = [
  broken("G12", "messages may be of any size", [
    server("server.js"),
    '"grpc.max_receive_message_length": messageBytesMax(settings.limits),',
    '"grpc.max_receive_message_length": -1,',
  ]),
  broken(
    "G12",
    "any number of messages is decompressed at a time, and what they become is not counted",
    [
      GUARD,
      'call.decompressMessage = (message, encoding) => encoding === "identity"',
      "call.decompressMessage = (message, encoding) => true",
    ],
  ),
  broken("G12", "what comes in is not counted", [
    GUARD,
    "if (!share.receive(chunk.length))",
    "if (false)",
  ]),
  broken("G13", "a message that cannot be decompressed ends the process", [
    GUARD,
    "const bytes = await decompress(message, encoding);",
    "const bytes = await new Promise((resolve) => void decompress(message, encoding).then(resolve));",
  ]),
  broken("G13", "a request that is malformed is taken for a defect", [
    CALLS,
    "throw malformedRequest(cause);",
    "throw cause;",
  ]),
  broken("G13", "an append is stored and refused", [
    CALLS,
    "then((response) => callback(null, response),",
    "then((response) => Math.random() < 0.1 ? callback({ code: 8, details: 'refused' }) : callback(null, response),",
  ]),
  broken("G13", "what clients send is written to standard error", [
    server("server.js"),
    "setLogger({ error: log, info: log, debug: log });",
    "void [setLogger, log];",
  ]),
  broken("G1", "an append is answered and not stored", [
    CALLS,
    "then((response) => callback(null, response),",
    "then((response) => { response[1] ^= 1; callback(null, response); },",
  ]),
];
