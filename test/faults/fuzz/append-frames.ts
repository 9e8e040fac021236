import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AppendStreamResponseSchema, type CorrelatedOutcome } from "@varve/proto";
import type { Ledger } from "./ledger.ts";

interface SentAppend {
  readonly correlation: bigint;
  readonly request: Buffer;
}

/** Takes note of what frames of `AppendStream`, right or wrong, may have stored. */
export function noteFrames(
  frames: readonly Buffer[],
  answers: readonly Buffer[],
  ledger: Ledger,
): void {
  const sent = Object.groupBy(frames.flatMap(appendsIn), ({ correlation }) => `${correlation}`);
  const outcomes: Partial<Record<string, CorrelatedOutcome[]>> = Object.groupBy(
    answers.flatMap((answer) => fromBinary(AppendStreamResponseSchema, answer).outcomes),
    ({ correlation }) => `${correlation}`,
  );
  for (const [correlation, appends = []] of Object.entries(sent)) {
    const [append] = appends;
    const [outcome, ...others] = (outcomes[correlation] ?? []).map((one) => one.outcome);
    if (append && outcome && appends.length + others.length === 1) {
      if (outcome.case === "success") ledger.answered(append.request, outcome.value);
    } else for (const { request } of appends) ledger.unanswered(request);
  }
}

/**
 * As the server finds them: what is inside an append is its own concern. One that comes in
 * parts is all of them, one after the other, as protobuf has it.
 */
function appendsIn(frame: Buffer): SentAppend[] {
  return fieldsOf(frame).flatMap(({ field, bytes }) => {
    if (field !== 1 || !bytes) return [];
    const fields = fieldsOf(bytes);
    const correlation = fields.findLast((one) => one.field === 1 && one.number !== undefined);
    const parts = fields.flatMap((one) => (one.field === 2 && one.bytes ? [one.bytes] : []));
    return [{ correlation: correlation?.number ?? 0n, request: Buffer.concat(parts) }];
  });
}

interface Field {
  readonly field: number;
  readonly bytes?: Buffer;
  readonly number?: bigint;
}

/** Up to where they cannot be read any more. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType === WireType.LengthDelimited) {
        fields.push({ field, bytes: Buffer.from(reader.bytes()) });
      } else if (wireType === WireType.Varint) {
        fields.push({ field, number: BigInt(reader.int64()) });
      } else reader.skip(wireType, field);
    }
  } catch {
    // Nothing can come after what is malformed.
  }
  return fields;
}
