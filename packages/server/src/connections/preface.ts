import type { Socket } from "node:net";

/** What every HTTP/2 client sends first. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Waits until a client has sent what HTTP/2 begins with, or something else: what it has
 * sent is then put back, to be read by whoever serves the connection.
 */
export function afterPreface(socket: Socket, begin: () => void): void {
  let head: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const isUnfinished =
      head.length < PREFACE.length && PREFACE.subarray(0, head.length).equals(head);
    if (isUnfinished) return;
    socket.off("data", onData);
    socket.pause();
    socket.unshift(head);
    begin();
  };
  socket.on("data", onData);
}
