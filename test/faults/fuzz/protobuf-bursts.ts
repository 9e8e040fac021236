import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  AppendRequestSchema,
  AppendResponseSchema,
  AppendStreamRequestSchema,
  AppendStreamResponseSchema,
} from "@varve/proto";
import { type Answer, GrpcConnection, grpcBody } from "../http2/grpc.ts";
import type { Random } from "../random.ts";
import type { Burst, Target } from "./burst.ts";
import type { Ledger } from "./ledger.ts";
import { anyRequest, type Method, methods, pathOfMethod } from "./messages.ts";
import { mutate } from "./mutate.ts";

const CALLS = 40;
/** Some of the requests are right, and subscriptions do not end. */
const CALL_MS_MAX = 1000;

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
  method: Method,
  { random, ledger }: Target,
): Promise<void> {
  const requests = requestsOf(method, random);
  const path = pathOfMethod(method);
  const body = Buffer.concat(requests.map((request) => grpcBody(request)));
  const answer = await connection.call(path, body, { timeoutMs: CALL_MS_MAX });
  if (answer.reason === "INTERNAL") throw new Error(`${path} failed with INTERNAL`);
  note(method, requests, answer, ledger);
}

function requestsOf(method: Method, random: Random): Buffer[] {
  const count = method.methodKind === "bidi_streaming" ? random.integer(1, 3) : 1;
  return Array.from({ length: count }, () => mutate(anyRequest(method, random), random));
}

/** What was stored must have been acknowledged, or not have been answered at all. */
function note(method: Method, requests: readonly Buffer[], answer: Answer, ledger: Ledger): void {
  if (method.input === AppendRequestSchema) {
    const [request] = requests as [Buffer];
    const [response] = answer.messages;
    if (response) ledger.answered(request, fromBinary(AppendResponseSchema, response));
    else if (answer.status === undefined) ledger.unanswered(request);
  }
  if (method.input === AppendStreamRequestSchema) noteStream(requests, answer, ledger);
}

/** Outcomes come in the order of the appends only as far as they can be told apart. */
function noteStream(requests: readonly Buffer[], { messages }: Answer, ledger: Ledger): void {
  const sent = requests.flatMap(appendsIn);
  // Which of those with the same number was answered cannot be told: any of them may be.
  for (const { request } of sent) ledger.unanswered(request);
  for (const { correlation, outcome } of messages.flatMap(outcomesIn)) {
    const same = sent.filter((append) => append.correlation === correlation);
    const [only] = same;
    if (same.length === 1 && only && outcome.case === "success") {
      ledger.answered(only.request, outcome.value);
    }
  }
}

function outcomesIn(message: Buffer): ReturnType<typeof decodeOutcomes> {
  return decodeOutcomes(message);
}

function decodeOutcomes(message: Buffer) {
  return fromBinary(AppendStreamResponseSchema, message).outcomes;
}

interface SentAppend {
  readonly correlation: bigint;
  readonly request: Buffer;
}

function appendsIn(frame: Buffer): SentAppend[] {
  return [];
}
