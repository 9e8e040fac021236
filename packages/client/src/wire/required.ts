import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { VarveError } from "../errors.js";

/** The value of a field that the contract promises. Throws `VarveError` if it is absent. */
export function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw invalidAnswer(`${field} is missing`);
  return value;
}

/** An answer that breaks the contract. */
export function invalidAnswer(why: string): VarveError {
  return new VarveError(`The server's answer is not valid: ${why}`, {
    code: "INTERNAL",
    reason: "UNKNOWN",
  });
}

/** A time that the contract promises, to the millisecond. */
export function requiredDate(timestamp: Timestamp | undefined, field: string): Date {
  return timestampDate(required(timestamp, field));
}
