import { EventStoreService } from "@varve/proto";
import type { RawConnection } from "./connection.ts";
import { MessageReader } from "./message-reader.ts";

type MethodName = (typeof EventStoreService.methods)[number]["name"];

/** Where a method of the contract is called. */
export function pathOf(method: MethodName): string {
  return `/${EventStoreService.typeName}/${method}`;
}

/** Makes one call and resolves to the messages of its answer. */
export function callOnce(
  connection: RawConnection,
  path: string,
  message: Buffer,
): Promise<readonly Buffer[]> {
  const messages: Buffer[] = [];
  const reader = new MessageReader((answer) => messages.push(Buffer.from(answer)));
  return new Promise((resolve, reject) => {
    connection.call(path, message, {
      data: (bytes) => reader.push(bytes),
      end: (error) => (error ? reject(error) : resolve(messages)),
    });
  });
}

/** Makes one call and resolves to the size of its answer, bytes; nothing of it is kept. */
export function drain(connection: RawConnection, path: string, message: Buffer): Promise<number> {
  let size = 0;
  return new Promise((resolve, reject) => {
    connection.call(path, message, {
      data: (bytes) => {
        size += bytes.length;
      },
      end: (error) => (error ? reject(error) : resolve(size)),
    });
  });
}
