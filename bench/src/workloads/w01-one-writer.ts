import { atMost } from "../comparison/comparison.ts";
import { exampleAnswer, oneAppender, oneCaller } from "../sides/calls.ts";
import { syncSide } from "../sides/disk.ts";
import { connectEcho, sdkAppend } from "../sides/sdk.ts";
import type { Workload } from "../workload.ts";

/**
 * W1: one writer that appends one event at a time and waits for each. Measured is the
 * median time of an append, by a raw client and by the SDK. It cannot be shorter than
 * what the disk takes to sync the same bytes (B0) plus a round trip of the same client
 * to a server that does nothing (B4; B3 for the SDK's transport).
 */
export const oneWriter: Workload = {
  id: "W1",
  title: "one writer, one event at a time",
  databases: ["base"],
  async prepare(lab) {
    const varve = await lab.varve();
    const bare = await lab.bare();
    await bare.prepare({ unary: await exampleAnswer(lab, varve, { withAppendIds: true }) });
    const sync = await syncSide(lab);
    const raw = await oneAppender(lab, varve, "raw append");
    const rawEcho = await oneAppender(lab, bare, "raw echo");
    const sdk = oneCaller("SDK append", varve, sdkAppend(lab, varve));
    const sdkEcho = oneCaller("echo by the SDK's transport", bare, connectEcho(lab, bare));
    return {
      sides: [raw, rawEcho, sync, sdk, sdkEcho],
      comparisons: [
        {
          case: "raw client, p50",
          unit: "ms",
          value: { side: raw },
          baseline: "B0 + B4",
          against: [{ side: sync }, { side: rawEcho }],
          goal: atMost(1.25),
        },
        {
          case: "SDK, p50",
          unit: "ms",
          value: { side: sdk },
          baseline: "B0 + B3 unary",
          against: [{ side: sync }, { side: sdkEcho }],
          goal: atMost(1.25),
        },
      ],
    };
  },
};
