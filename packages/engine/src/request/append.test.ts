import { toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import { expect, it } from "vitest";
import { defaultLimits } from "../limits.js";
import { appendRequest, nextId } from "../test-support/requests.js";
import { parseAppend } from "./append.js";

// Its story: an earlier one that was no UUID refused the append, though protobuf
// lets the last of a field that comes twice count.
it("an append id that is sent twice counts by its last value", () => {
  const appendId = nextId();
  const request = appendRequest([{ stream: "a" }], { appendId });
  const earlier = Buffer.concat([Buffer.of(0x12, 4), Buffer.from("none")]);
  const bytes = Buffer.concat([earlier, toBinary(AppendRequestSchema, request)]);
  const { identity } = parseAppend(bytes, defaultLimits);
  expect(identity?.id.toString("hex")).toBe(appendId.replaceAll("-", ""));
});
