import { dataFrames, Flag, headersFrame } from "../http2/frames.ts";
import { grpcBody, pathOf } from "../http2/grpc.ts";
import { callFields, type Fields } from "../http2/hpack.ts";
import type { Random } from "../random.ts";
import type { Burst } from "./burst.ts";
import { methods, pathOfMethod } from "./messages.ts";
import { anyBytes } from "./mutate.ts";
import { withRaw } from "./raw.ts";

const CALLS = 60;
const NOTHING = grpcBody(Buffer.alloc(0));

/** Calls whose header fields are not those of a call. None of them could store anything. */
export const headerBursts: readonly Burst[] = [
  calls("wrong path", (random) => withField(":path", random.pick(paths(random)))),
  calls("wrong content type", (random) => withField("content-type", random.pick(types(random)))),
  calls("wrong timeout", (random) => withField("grpc-timeout", random.pick(timeouts(random)))),
  calls("wrong method", (random) =>
    withField(":method", random.pick(["GET", "PUT", "HEAD", "OPTIONS", "CONNECT", "", "post"])),
  ),
  calls("wrong encoding", (random) => withField("grpc-encoding", anyText(random))),
  calls("no trailers wanted", (random) => withField("te", anyText(random))),
  calls("wrong authority", (random) => withField(":authority", anyText(random))),
  calls("wrong scheme", (random) => withField(":scheme", anyText(random))),
  calls("a field is missing", (random) => {
    const fields = callFields(pathOf("GetStatus"));
    const missing = random.integer(0, fields.length - 1);
    return fields.filter((_, i) => i !== missing);
  }),
  calls("a field is there twice", (random) => {
    const fields = callFields(pathOf("GetStatus"));
    return [...fields, random.pick(fields)];
  }),
  calls("pseudo fields anywhere", (random) => [
    ...callFields(pathOf("GetStatus")),
    [random.pick([":path", ":status", ":protocol", ":x", ":"]), anyText(random)],
  ]),
  calls("fields of HTTP/1", (random) => [
    ...callFields(pathOf("GetStatus")),
    [
      random.pick(["connection", "transfer-encoding", "upgrade", "keep-alive", "content-length"]),
      random.pick(["close", "chunked", "0", "99999999999999999999", "-1", anyText(random)]),
    ],
  ]),
  calls("metadata", (random) => [...callFields(pathOf("GetStatus")), ...anyMetadata(random)]),
  calls("methods by chance", (random) => callFields(pathOfMethod(random.pick(methods)))),
];

function paths(random: Random): (string | Buffer)[] {
  const service = "/varve.v1.EventStoreService";
  return [
    "",
    "/",
    "*",
    "//",
    service,
    `${service}/`,
    `${service}/append`,
    `${service}/GetStatus/`,
    `${service}/GetStatus?x=1`,
    `${service}/../GetStatus`,
    "/varve.v1.NoService/Append",
    "/__proto__/constructor",
    "__proto__",
    "constructor",
    "/%00%ff%zz",
    "/\u00e4\u00f6\u00ff",
    `/${"x".repeat(5000)}`,
    anyText(random),
  ];
}

function types(random: Random): (string | Buffer)[] {
  const known = ["application/grpc+json", "application/grpc-web", "application/grpcx", "text/html"];
  return [
    "",
    "application/json",
    "application/GRPC",
    "application/grpc;x=\u00ff",
    ...known,
    anyText(random),
  ];
}

function timeouts(random: Random): (string | Buffer)[] {
  const none = ["", "S", "1", "1X", "-1S", "1.5S", "1 S", "S1", "999999999S", anyText(random)];
  return [...none, "0n", "0S", "1n", "1u", "99999999H", "99999999n"];
}

/** Fields of the caller's own, among them some that say to be binary. */
function anyMetadata(random: Random): Fields {
  return Array.from({ length: random.integer(1, 20) }, () => [
    random.pick([
      "x",
      "x-bin",
      "grpc-x",
      "grpc-tags-bin",
      "X",
      "",
      "\u00e4",
      anyText(random),
    ]) as string,
    random.pick(["", "a,b", "!!!", "=", "AAAA,????", "x".repeat(8000), anyText(random)]),
  ]);
}

function anyText(random: Random): Buffer {
  return anyBytes(random, 60);
}

/** Of a call that is right otherwise. */
function withField(name: string, value: string | Buffer): Fields {
  const others = callFields(pathOf("GetStatus")).filter(([other]) => other !== name);
  const field = [name, value] as const;
  return name.startsWith(":") ? [field, ...others] : [...others, field];
}

function calls(name: string, fields: (random: Random) => Fields): Burst {
  return {
    name: `header fields: ${name}`,
    run: ({ address, random }) =>
      withRaw(address, async (connection) => {
        for (let i = 0; i < CALLS && !connection.isClosed; i++) {
          connection.send(
            headersFrame(2 * i + 1, fields(random)),
            dataFrames(2 * i + 1, NOTHING, Flag.END_STREAM),
          );
        }
      }),
  };
}
