import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AppendResponseSchema, AppendStreamResponseSchema } from "@varve/proto";
import { atLeast } from "../comparison/comparison.ts";
import { bidiEcho } from "../sides/bidi-echo.ts";
import { exampleAnswer } from "../sides/calls.ts";
import { callers, connectEcho, sdkAppend } from "../sides/sdk.ts";
import type { Workload } from "../workload.ts";

const FEW = 64;
const MANY = 1024;

/**
 * W3: 64 and 1,024 concurrent callers of the SDK's `append`, one event each, every
 * caller waiting for its own. Measured are appends per second, from an object of the
 * caller's to the result. The baseline is what the same callers get from unary calls
 * over the SDK's transport to a server that does nothing (B3), with messages made
 * beforehand. For information: one message for each append over one bidi call.
 */
export const sdkAppends: Workload = {
  id: "W3",
  title: "SDK append by concurrent callers",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const bare = await lab.bare();
    const unary = await exampleAnswer(lab, varve, { withAppendIds: true });
    await bare.prepare({ unary, bidi: outcomeOf(unary) });
    const append = sdkAppend(lab, varve);
    const echo = connectEcho(lab, bare);
    const fewAppends = callers("SDK append, 64 callers", varve, FEW, append);
    const fewEchoes = callers("unary echo, 64 callers", bare, FEW, echo);
    const manyAppends = callers("SDK append, 1,024 callers", varve, MANY, append);
    const manyEchoes = callers("unary echo, 1,024 callers", bare, MANY, echo);
    const bidi = bidiEcho(lab, bare, "bidi echo, 1,024 on their way", MANY);
    return {
      sides: [fewAppends, fewEchoes, manyAppends, manyEchoes, bidi],
      comparisons: [
        {
          case: "64 callers",
          unit: "events/s",
          value: { side: fewAppends },
          baseline: "B3 unary",
          against: [{ side: fewEchoes }],
          goal: atLeast(3),
        },
        {
          case: "1,024 callers",
          unit: "events/s",
          value: { side: manyAppends },
          baseline: "B3 unary",
          against: [{ side: manyEchoes }],
          goal: atLeast(6),
        },
        {
          case: "1,024 callers",
          unit: "events/s",
          value: { side: manyAppends },
          baseline: "B3 bidi",
          against: [{ side: bidi }],
        },
      ],
    };
  },
};

/** What an `AppendStream` answers one append with. */
function outcomeOf(answer: Buffer): Buffer {
  const value = fromBinary(AppendResponseSchema, answer);
  const outcomes = [{ correlation: 1000n, outcome: { case: "success", value } as const }];
  const response = create(AppendStreamResponseSchema, { outcomes });
  return Buffer.from(toBinary(AppendStreamResponseSchema, response));
}
