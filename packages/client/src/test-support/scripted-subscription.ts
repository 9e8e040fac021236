import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type SubscribeRequest,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "@varve/proto";
import type { SubscriptionFrame } from "../types.js";
import { recordedRange, type Service } from "./service.js";

/** What a server does on one connection, after `confirmed`. */
export type Script = (connection: Connection) => AsyncIterable<SubscribeResponse>;

export interface Connection {
  readonly request: SubscribeRequest;
  readonly context: HandlerContext;
  /** 1, 2, 3 … */
  readonly number: number;
  readonly after: bigint;
}

/** Answers each connection with `confirmed`, and then by the script. */
export function scripted(script: Script): Service & { readonly requests: SubscribeRequest[] } {
  const requests: SubscribeRequest[] = [];
  return {
    requests,
    async *subscribe(request, context) {
      requests.push(request);
      const after = request.start.case === "after" ? request.start.value : 0n;
      yield { frame: { case: "confirmed", value: { after, head: 20n } } };
      yield* script({ request, context, number: requests.length, after });
    },
  };
}

export function events(from: number, to: number): SubscribeResponse {
  return create(SubscribeResponseSchema, {
    frame: { case: "events", value: { events: recordedRange(from, to) } },
  });
}

export function at(
  kind: "caughtUp" | "checkpoint" | "heartbeat",
  position: bigint,
): SubscribeResponse {
  return create(SubscribeResponseSchema, { frame: { case: kind, value: { position } } });
}

export function fellBehind(position: bigint, head: bigint): SubscribeResponse {
  return create(SubscribeResponseSchema, {
    frame: { case: "fellBehind", value: { position, head } },
  });
}

/** What a frame is and where, without its events. */
export function gist({ kind, position }: SubscriptionFrame): string {
  return `${kind} ${position}`;
}
