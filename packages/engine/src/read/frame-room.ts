/**
 * Where frames are kept until a slow client has taken them. None is prepared before
 * there is room for it: that bounds what all clients together can make the server hold.
 */
export interface FrameRoom {
  /** Resolves to true when there is room for one more frame, to false if nobody wants it any more. */
  take(): Promise<boolean>;
  /** Says what the frame takes, bytes; 0 if there was none to prepare. */
  fill(bytes: number): void;
}

/** For callers that take every frame at once. */
export const unboundedRoom: FrameRoom = { take: async () => true, fill: () => {} };

/** Frames that are prepared one by one, each when there is room for it. */
export async function* inRoom<T>(
  frames: AsyncGenerator<T>,
  room: FrameRoom,
  bytesOf: (frame: T) => number,
): AsyncGenerator<T> {
  try {
    while (await room.take()) {
      const { done, value } = await frames.next();
      room.fill(done ? 0 : bytesOf(value));
      if (done) return;
      yield value;
    }
  } finally {
    await frames.return(undefined);
  }
}
