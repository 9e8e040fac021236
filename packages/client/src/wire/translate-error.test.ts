import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ConditionFailureSchema, FailureSchema, StreamState } from "@varve/proto";
import { BadRequestSchema } from "@varve/proto/google/rpc";
import { describe, expect, it } from "vitest";
import {
  ConditionFailedError,
  InvalidRequestError,
  UnreachableError,
  VarveError,
} from "../errors.js";
import { failure, statusError } from "../test-support/service.js";
import { isRetryable, translateError, translateFailure } from "./translate-error.js";

const conflict = create(ConditionFailureSchema, {
  head: 40n,
  violations: [
    {
      condition: 0,
      found: {
        case: "stream",
        value: {
          stream: "order-1",
          expected: {
            stream: "order-1",
            expected: { case: "state", value: StreamState.EXISTS },
          },
        },
      },
    },
    {
      condition: 2,
      found: { case: "query", value: { position: 17n, type: "order.Paid", stream: "order-2" } },
    },
  ],
});
const badRequest = create(BadRequestSchema, {
  fieldViolations: [
    { field: "events[0].event.type", description: "must not be empty" },
    { field: "append_id", description: "must be a UUID" },
  ],
});
const conflictDetail = { desc: ConditionFailureSchema, value: conflict };
const badRequestDetail = { desc: BadRequestSchema, value: badRequest };

describe.each([
  [
    "a status",
    (...args: Parameters<typeof failure>) => {
      const [code, reason, message, ...details] = args;
      return translateError(statusError(code, reason, message, {}, ...details));
    },
  ],
  ["a frame", (...args: Parameters<typeof failure>) => translateFailure(failure(...args))],
])("errors out of %s", (_, translated) => {
  it("tell every violated condition", () => {
    const error = translated(Code.Aborted, "CONDITION_FAILED", "no", conflictDetail);
    expect(error).toBeInstanceOf(ConditionFailedError);
    expect(error).toMatchObject({
      name: "ConditionFailedError",
      code: "ABORTED",
      reason: "CONDITION_FAILED",
      head: 40n,
      violations: [
        { kind: "stream", condition: 0, stream: "order-1", expected: "exists", actual: undefined },
        { kind: "query", condition: 2, position: 17n, type: "order.Paid", stream: "order-2" },
      ],
    });
    expect(error.message).toBe(
      'Nothing was appended: expected stream "order-1" to have events, but it has no events; ' +
        'expected no event to match the query, but found "order.Paid" in stream "order-2" at ' +
        "position 17",
    );
  });

  it("tell every field at fault", () => {
    const error = translated(Code.InvalidArgument, "INVALID_REQUEST", "no", badRequestDetail);
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({
      code: "INVALID_ARGUMENT",
      fieldViolations: [
        { field: "events[0].event.type", description: "must not be empty" },
        { field: "append_id", description: "must be a UUID" },
      ],
    });
    expect(error.message).toContain("events[0].event.type: must not be empty");
  });

  it("keep code, reason and message of the others", () => {
    const error = translated(Code.DataLoss, "DATA_CORRUPT", "block 3 is damaged");
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({ code: "DATA_LOSS", reason: "DATA_CORRUPT" });
    expect(error.message).toBe("block 3 is damaged");
  });
});

describe("translateError", () => {
  it("keeps the metadata of the reason", () => {
    const metadata = { limit: "append bytes", maximum: "4194304" };
    const error = statusError(Code.ResourceExhausted, "APPEND_TOO_LARGE", "no", metadata);
    expect(translateError(error)).toMatchObject({ reason: "APPEND_TOO_LARGE", metadata });
  });

  it("says UNKNOWN where the server gave no reason", () => {
    const error = new ConnectError("who are you?", Code.PermissionDenied);
    expect(translateError(error)).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "UNKNOWN",
      metadata: {},
      message: "who are you?",
    });
  });

  it("takes no reason from another domain", () => {
    const error = statusError(Code.NotFound, "WORKSPACE_NOT_FOUND");
    for (const detail of error.details) {
      if ("desc" in detail) detail.value = { ...detail.value, domain: "example.com" };
    }
    expect(translateError(error)).toMatchObject({ code: "NOT_FOUND", reason: "UNKNOWN" });
  });

  it.each([Code.Unavailable, Code.Canceled, Code.Aborted, Code.Internal])(
    "takes code %s, if no server sent it, for a broken connection",
    (code) => {
      const cause = new ConnectError("socket hang up", code);
      const error = translateError(cause);
      expect(error).toBeInstanceOf(UnreachableError);
      expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "UNREACHABLE", cause });
      expect(error.message).toContain("socket hang up");
    },
  );

  it("leaves its own errors as they are", () => {
    const error = new UnreachableError("gone", {});
    expect(translateError(error)).toBe(error);
  });

  it("takes anything else for an unknown error", () => {
    expect(translateError("huh")).toMatchObject({ code: "UNKNOWN", reason: "UNKNOWN" });
  });
});

describe("translateFailure", () => {
  it("survives details that it cannot read", () => {
    const frame = failure(Code.Aborted, "CONDITION_FAILED", "no", conflictDetail);
    for (const detail of frame.details) {
      if (detail.typeUrl.endsWith("ConditionFailure")) detail.value = new Uint8Array([0xff]);
    }
    expect(translateFailure(frame)).toMatchObject({ reason: "CONDITION_FAILED", violations: [] });
  });

  it("takes a code that there is not for UNKNOWN", () => {
    expect(translateFailure(create(FailureSchema, { code: 99 }))).toMatchObject({
      code: "UNKNOWN",
    });
    expect(translateFailure(create(FailureSchema, { code: 0 }))).toMatchObject({ code: "UNKNOWN" });
  });
});

describe("errors without a message", () => {
  it("have their reason, or their code, for one", () => {
    expect(translateFailure(failure(Code.Internal, "INTERNAL", "")).message).toBe("INTERNAL");
    expect(translateFailure(create(FailureSchema, { code: 7 })).message).toBe("PERMISSION_DENIED");
  });
});

describe("isRetryable", () => {
  it.each([
    [Code.Unavailable, "SERVER_STOPPING", true],
    [Code.Unavailable, "STORAGE_UNAVAILABLE", true],
    [Code.ResourceExhausted, "OVERLOADED", true],
    [Code.ResourceExhausted, "APPEND_TOO_LARGE", false],
    [Code.ResourceExhausted, "SEARCH_TOO_BROAD", false],
    [Code.Aborted, "CONDITION_FAILED", false],
    [Code.Internal, "INTERNAL", false],
  ])("%s %s: %s", (code, reason, retryable) => {
    expect(isRetryable(translateFailure(failure(code, reason, "")))).toBe(retryable);
  });
});
