import type {
  AppendResponse,
  GetStatusResponse,
  ReadHeader as ProtoReadHeader,
  StreamInfo as ProtoStreamInfo,
} from "@varve/proto";
import type { AppendResult, ReadHeader, Snapshot, Status, StreamInfo } from "../types.js";
import { requiredDate } from "./required.js";

export function decodeAppendResult(response: AppendResponse): AppendResult {
  return {
    firstPosition: response.firstPosition,
    lastPosition: response.lastPosition,
    recordedAt: requiredDate(response.recordedAt, "AppendResponse.recorded_at"),
    streams: response.streams.map(({ stream, firstRevision, lastRevision }) => ({
      stream,
      firstRevision,
      lastRevision,
    })),
    repeat: response.repeat,
  };
}

export function decodeReadHeader(
  { exists, lastRevision, head }: ProtoReadHeader,
  snapshot: Snapshot | undefined,
): ReadHeader {
  return {
    exists,
    head,
    ...(lastRevision === undefined ? {} : { lastRevision }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

export function decodeStreamInfo(info: ProtoStreamInfo): StreamInfo {
  return {
    stream: info.stream,
    lastRevision: info.lastRevision,
    eventCount: info.eventCount,
    firstRecordedAt: requiredDate(info.firstRecordedAt, "StreamInfo.first_recorded_at"),
    lastRecordedAt: requiredDate(info.lastRecordedAt, "StreamInfo.last_recorded_at"),
    lastPosition: info.lastPosition,
  };
}

export function decodeStatus(response: GetStatusResponse): Status {
  return {
    version: response.version,
    workspace: response.workspace,
    head: response.head,
    time: requiredDate(response.time, "GetStatusResponse.time"),
    startedAt: requiredDate(response.startedAt, "GetStatusResponse.started_at"),
  };
}
