import type { StreamInfo } from "@varve/client";

/** What is known of a stream, as it is printed as JSON. */
export function streamInfoJson(info: StreamInfo): Record<string, unknown> {
  return {
    stream: info.stream,
    lastRevision: String(info.lastRevision),
    eventCount: String(info.eventCount),
    firstRecordedAt: info.firstRecordedAt.toISOString(),
    lastRecordedAt: info.lastRecordedAt.toISOString(),
    lastPosition: String(info.lastPosition),
  };
}
