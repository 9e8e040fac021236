import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { VarveError } from "../errors.js";

/** The value of a field that the contract promises. Throws `VarveError` if it is absent. */
export function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) {
    throw new VarveError(`The server's answer is not valid: ${field} is missing`, {
      code: "INTERNAL",
      reason: "UNKNOWN",
    });
  }
  return value;
}

/** A time that the contract promises, to the millisecond. */
export function requiredDate(timestamp: Timestamp | undefined, field: string): Date {
  return timestampDate(required(timestamp, field));
}
