import { type DescMethod, fromBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema, AppendResponseSchema, AppendStreamRequestSchema } from "@varve/proto";
import { type Answer, GrpcConnection, grpcBody } from "../http2/grpc.ts";
import type { Random } from "../random.ts";
import { noteFrames } from "./append-frames.ts";
import type { Burst, Target } from "./burst.ts";
import type { Ledger } from "./ledger.ts";
import { anyRequest, methods, pathOfMethod } from "./messages.ts";
import { mutate } from "./mutate.ts";

const CALLS = 40;
/** Some requests are right all the same, and subscriptions have no end. */
const CALL_MS_MAX = 500;

/** Broken requests of every method of the contract, many at a time. */
export const protobufBursts: readonly Burst[] = methods.map((method) => ({
  name: `protobuf: ${method.name}`,
  run: async (target) => {
    const connection = new GrpcConnection(target.address);
    const calls = Array.from({ length: CALLS }, () => callBroken(connection, method, target));
    await Promise.all(calls);
    connection.close();
  },
}));

async function callBroken(
  connection: GrpcConnection,
  method: DescMethod,
  { random, ledger }: Target,
): Promise<void> {
  const requests = requestsOf(method, random);
  const body = Buffer.concat(requests.map((request) => grpcBody(request)));
  const options = { timeoutMs: CALL_MS_MAX };
  const answer = await connection.call(pathOfMethod(method), body, options);
  note(method, requests, answer, ledger);
}

function requestsOf(method: DescMethod, random: Random): Buffer[] {
  const count = method.methodKind === "bidi_streaming" ? random.integer(1, 3) : 1;
  return Array.from({ length: count }, () => mutate(anyRequest(method, random), random));
}

function note(
  method: DescMethod,
  requests: readonly Buffer[],
  { status, messages }: Answer,
  ledger: Ledger,
): void {
  if (method.input === AppendStreamRequestSchema) noteFrames(requests, messages, ledger);
  if (method.input !== AppendRequestSchema) return;
  const [request = Buffer.alloc(0)] = requests;
  const [response] = messages;
  if (response) ledger.answered(request, fromBinary(AppendResponseSchema, response));
  else if (status === undefined) ledger.unanswered(request);
}
