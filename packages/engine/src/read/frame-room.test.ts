import { describe, expect, it } from "vitest";
import { type FrameRoom, inRoom } from "./frame-room.js";

/** Room that notes what it is asked, and gives way so many times. */
function roomFor(frames: number, said: string[]): FrameRoom {
  let left = frames;
  return {
    take: async () => {
      said.push("take");
      return left-- > 0;
    },
    fill: (bytes) => {
      said.push(`fill ${bytes}`);
    },
  };
}

async function* frames(said: string[]): AsyncGenerator<string> {
  try {
    for (const frame of ["a", "bb", "ccc"]) {
      said.push(`prepare ${frame}`);
      yield frame;
    }
  } finally {
    said.push("over");
  }
}

const lengthOf = (frame: string): number => frame.length;

describe("frames in their room", () => {
  it("are prepared when there is room, one by one, and say what they take", async () => {
    const said: string[] = [];
    for await (const frame of inRoom(frames(said), roomFor(9, said), lengthOf)) {
      said.push(`got ${frame}`);
    }
    const one = (frame: string): string[] => [
      "take",
      `prepare ${frame}`,
      `fill ${frame.length}`,
      `got ${frame}`,
    ];
    expect(said).toEqual([...one("a"), ...one("bb"), ...one("ccc"), "take", "over", "fill 0"]);
  });

  it("end when nobody wants them any more, without another being prepared", async () => {
    const said: string[] = [];
    const got: string[] = [];
    for await (const frame of inRoom(frames(said), roomFor(2, said), lengthOf)) got.push(frame);
    expect(got).toEqual(["a", "bb"]);
    expect(said).not.toContain("prepare ccc");
    expect(said.at(-1)).toBe("over");
  });

  it("end with the consumer that leaves", async () => {
    const said: string[] = [];
    for await (const _ of inRoom(frames(said), roomFor(9, said), lengthOf)) break;
    expect(said.at(-1)).toBe("over");
  });
});
