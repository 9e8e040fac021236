import type { SubscriptionFrame } from "@varve/client";
import { createPaint, type Tone } from "./colours.js";
import type { TextOutput } from "./text-output.js";

/** Tells people how a subscription stands; elsewhere than on a terminal it says nothing. */
export function createFrameNotes(
  err: TextOutput,
): (frame: SubscriptionFrame) => Promise<void> | undefined {
  if (!err.isTerminal) return () => undefined;
  const paint = createPaint(err.colours);
  return (frame) => {
    const note = noteOn(frame);
    return note && err.line(paint(...note));
  };
}

function noteOn(frame: SubscriptionFrame): [Tone, string] | undefined {
  switch (frame.kind) {
    case "caught-up":
      return ["good", `Caught up at position ${frame.position}.`];
    case "fell-behind":
      return ["warning", `Fell behind: at position ${frame.position}, the head is ${frame.head}.`];
    case "reconnected":
      return ["warning", `Reconnected; going on after position ${frame.position}.`];
    default:
      return undefined;
  }
}
