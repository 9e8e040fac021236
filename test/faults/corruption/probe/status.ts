import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type Failure, GetStatusRequestSchema, GetStatusResponseSchema } from "@varve/proto";
import { ErrorInfoSchema } from "@varve/proto/google/rpc";
import type { StatusObservation } from "../observation.ts";
import { failureOf, type RawClient } from "./raw-client.ts";

/** What `GetStatus` says of a workspace. */
export async function askStatus(client: RawClient, workspace: string): Promise<StatusObservation> {
  const request = create(GetStatusRequestSchema, { workspace });
  try {
    const bytes = await client.unary("GetStatus", toBinary(GetStatusRequestSchema, request));
    const { head, appendsRefused } = fromBinary(GetStatusResponseSchema, bytes);
    return {
      case: "answered",
      head: Number(head),
      refusal: appendsRefused && reasonIn(appendsRefused),
    };
  } catch (error) {
    return { case: "failed", ...failureOf(error) };
  }
}

function reasonIn({ details, code }: Failure): string {
  const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((found) => found);
  return info?.reason ?? `status ${code}`;
}
