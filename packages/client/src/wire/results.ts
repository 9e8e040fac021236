import type {
  AppendResponse,
  GetStatusResponse,
  Limits as ProtoLimits,
  ReadHeader as ProtoReadHeader,
  StreamInfo as ProtoStreamInfo,
  Verification as ProtoVerification,
} from "@varve/proto";
import type {
  AppendResult,
  Limits,
  ReadHeader,
  Snapshot,
  Status,
  StreamInfo,
  Verification,
} from "../types.js";
import { required, requiredDate } from "./required.js";
import { translateFailure } from "./translate-error.js";

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
    expect: lastRevision ?? "no-stream",
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
  const { appendsRefused, verification } = response;
  return {
    version: response.version,
    workspace: response.workspace,
    head: response.head,
    time: requiredDate(response.time, "GetStatusResponse.time"),
    startedAt: requiredDate(response.startedAt, "GetStatusResponse.started_at"),
    ...(appendsRefused && { appendsRefused: translateFailure(appendsRefused) }),
    ...(verification && { verification: decodeVerification(verification) }),
    limits: decodeLimits(required(response.limits, "GetStatusResponse.limits")),
  };
}

function decodeLimits(limits: ProtoLimits): Limits {
  return {
    eventDataBytesMax: Number(limits.eventDataBytesMax),
    appendBytesMax: Number(limits.appendBytesMax),
    appendEventsMax: Number(limits.appendEventsMax),
    streamNameBytesMax: Number(limits.streamNameBytesMax),
    typeBytesMax: Number(limits.typeBytesMax),
    metadataBytesMax: Number(limits.metadataBytesMax),
    tagsMax: Number(limits.tagsMax),
    tagBytesMax: Number(limits.tagBytesMax),
    snapshotBytesMax: Number(limits.snapshotBytesMax),
    messageBytesMax: Number(limits.messageBytesMax),
    conditionsMax: Number(limits.conditionsMax),
    filterClausesMax: Number(limits.filterClausesMax),
    filterTypesMax: Number(limits.filterTypesMax),
    conditionLookUpsMax: Number(limits.conditionLookUpsMax),
  };
}

function decodeVerification(verification: ProtoVerification): Verification {
  const { startedAt, finishedAt, position, findings } = verification;
  return {
    startedAt: requiredDate(startedAt, "Verification.started_at"),
    ...(finishedAt && { finishedAt: requiredDate(finishedAt, "Verification.finished_at") }),
    position,
    findings,
  };
}
