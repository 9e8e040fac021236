import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { AppendResponseSchema } from "@varve/proto";
import { type CallOptions, GrpcConnection, grpcBody, pathOf } from "../http2/grpc.ts";
import type { Random } from "../random.ts";
import type { Burst, Target } from "./burst.ts";
import { encodedAppend, methods, pathOfMethod } from "./messages.ts";
import { anyBytes, flip } from "./mutate.ts";

const CALLS = 40;
const CALL_MS_MAX = 3000;
const MIB = 1024 * 1024;

/** An append that would be stored if nothing were wrong with how it is sent. */
interface BrokenCall {
  readonly append: Buffer;
  readonly body: Buffer;
  readonly headers?: CallOptions["headers"];
}

/** Messages that are not framed, or not compressed, as gRPC says. */
export const grpcBursts: readonly Burst[] = [
  appends("wrong compression flag", (append, random) => ({
    append,
    body: grpcBody(append, random.integer(1, 255)),
  })),
  appends("unknown compression", (append, random) => ({
    append,
    body: grpcBody(append, 1),
    headers: { "grpc-encoding": random.pick(["br", "zstd", "gzip,identity", "", "\u00e4"]) },
  })),
  appends("damaged compression", (append, random) => {
    const encoding = random.pick(["gzip", "deflate"]);
    const whole = encoding === "gzip" ? gzipSync(append) : deflateSync(append);
    const damaged = random.chance(0.5)
      ? flip(whole, random)
      : whole.subarray(0, random.integer(0, whole.length - 1));
    return { append, body: grpcBody(damaged, 1), headers: { "grpc-encoding": encoding } };
  }),
  appends("wrong length", (append, random) => {
    const beyond = append.length + random.integer(1, 1000);
    const length = random.pick([beyond, random.integer(17 * MIB, 2 ** 32 - 1), 2 ** 32 - 1]);
    return { append, body: grpcBody(append, 0, length) };
  }),
  appends("cut off", (append, random) => {
    const body = grpcBody(append);
    return { append, body: body.subarray(0, random.integer(0, body.length - 1)) };
  }),
  appends("several messages in place of one", (append, random) => ({
    append,
    body: Buffer.concat([grpcBody(append), grpcBody(anyBytes(random, 50))]),
  })),
  appends("something behind the message", (append, random) => ({
    append,
    body: Buffer.concat([grpcBody(append), anyBytes(random, 1000)]),
  })),
  ...methods.map((method) => ({
    name: `gRPC: no message to ${method.name}`,
    run: ({ address }: Target) => callAll(address, pathOfMethod(method), Buffer.alloc(0)),
  })),
  bombs("compression bombs of 16 MiB", 1, CALLS),
  bombs("compression bombs of 1 GiB", 64, 4),
  { name: "gRPC: messages without an end", run: sendWithoutEnd },
];

function appends(name: string, broken: (append: Buffer, random: Random) => BrokenCall): Burst {
  return {
    name: `gRPC: ${name}`,
    run: async (target) => {
      const connection = new GrpcConnection(target.address);
      const calls = Array.from({ length: CALLS }, () => {
        return callBroken(connection, broken(encodedAppend(target.random), target.random), target);
      });
      await Promise.all(calls);
      connection.close();
    },
  };
}

async function callBroken(
  connection: GrpcConnection,
  { append, body, headers = {} }: BrokenCall,
  { ledger }: Target,
): Promise<void> {
  const options = { headers, timeoutMs: CALL_MS_MAX };
  const { status, messages } = await connection.call(pathOf("Append"), body, options);
  const [response] = messages;
  if (response) ledger.answered(append, fromBinary(AppendResponseSchema, response));
  else if (status === undefined) ledger.unanswered(append);
}

async function callAll(
  address: string,
  path: string,
  body: Buffer,
  options: CallOptions & { readonly calls?: number } = {},
): Promise<void> {
  const connection = new GrpcConnection(address);
  const { calls = CALLS, ...rest } = options;
  const call = () => connection.call(path, body, { timeoutMs: CALL_MS_MAX, ...rest });
  await Promise.all(Array.from({ length: calls }, call));
  connection.close();
}

/** Of 16 MiB of zeros. */
const member: () => Buffer = once(() => gzipSync(Buffer.alloc(16 * MIB)));

/** Small messages that become large ones: so many times 16 MiB. */
function bombs(name: string, members: number, calls: number): Burst {
  return {
    name: `gRPC: ${name}`,
    run: ({ address, random }) => {
      const body = grpcBody(Buffer.concat(Array<Buffer>(members).fill(member())), 1);
      const headers = { "grpc-encoding": "gzip" };
      const path = pathOf(random.pick(["Append", "AppendStream"]));
      return callAll(address, path, body, { calls, headers });
    },
  };
}

/** Over so many connections, together far more than the server may hold. */
const ENDLESS_CONNECTIONS = 4;
const ENDLESS_PART_BYTES = 12 * MIB;

/** Large messages, of each of which the last part never comes. */
async function sendWithoutEnd({ address, random }: Target): Promise<void> {
  const part = grpcBody(Buffer.alloc(ENDLESS_PART_BYTES), 0, 16 * MIB);
  const connections = Array.from(
    { length: ENDLESS_CONNECTIONS },
    () => new GrpcConnection(address),
  );
  for (const connection of connections) {
    for (let i = 0; i < CALLS; i++) {
      const call = connection.open(pathOf(random.pick(["Append", "AppendStream"])));
      call.on("error", () => {});
      call.write(part);
    }
  }
  await sleep(CALL_MS_MAX);
  for (const connection of connections) connection.close();
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
