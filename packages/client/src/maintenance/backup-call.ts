import { toBinary } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  type BackupRequest,
  type BackupResponse,
  BackupResponseSchema,
  type MaintenanceService,
} from "@varve/proto";
import type { CallTerms } from "../call/call.js";
import type { CallPolicy } from "../call/connection.js";
import { LazyStream } from "../call/lazy-stream.js";
import type { ServerStream } from "../call/server-stream.js";
import { VarveError } from "../errors.js";
import { required, requiredDate } from "../wire/required.js";
import type { Backup, BackupHeader } from "./types.js";

/** What every call of a maintenance client needs. */
export interface MaintenanceConnection extends CallPolicy {
  readonly rpc: Client<typeof MaintenanceService>;
}

/** A backup that begins when its header or its frames are asked for. */
export class BackupCall
  extends LazyStream<BackupResponse, BackupHeader, Uint8Array>
  implements Backup
{
  constructor(connection: MaintenanceConnection, request: BackupRequest, terms: CallTerms) {
    let whole = false;
    super(connection, terms, {
      open: (options) => connection.rpc.backup(request, options),
      readHeader,
      readItems: async (stream) => {
        const frame = await stream.next();
        if (frame !== undefined) {
          whole = frame.frame.case === "end";
          return [toBinary(BackupResponseSchema, frame)];
        }
        if (!whole) throw cutOff();
        return undefined;
      },
    });
  }
}

/** The first frame, which stays the first of the backup. */
async function readHeader(stream: ServerStream<BackupResponse>): Promise<BackupHeader> {
  const first = required(await stream.next(), "BackupResponse.frame");
  stream.unread(first);
  return decodeHeader(first);
}

function decodeHeader({ frame }: BackupResponse): BackupHeader {
  const header = required(
    frame.case === "header" ? frame.value : undefined,
    "BackupResponse.header",
  );
  const { workspace, afterPosition: after, afterChain, head, headChain } = header;
  const time = requiredDate(header.time, "BackupHeader.time");
  return { workspace, after, afterChain, head, headChain, time };
}

function cutOff(): VarveError {
  return new VarveError("The server ended the backup before it was whole", {
    code: "INTERNAL",
    reason: "UNKNOWN",
  });
}
