import { setTimeout as sleep } from "node:timers/promises";
import { RawConnection } from "../http2/raw-connection.ts";

/** What the server may take to deal with what was sent, or to hang up, ms. */
const SETTLE_MS = 150;

type Settings = Parameters<RawConnection["greet"]>[0];

/** On a connection that has greeted; afterwards it is cut. */
export async function withRaw(
  address: string,
  use: (connection: RawConnection) => Promise<void>,
  settings: Settings = [],
): Promise<void> {
  await withSilent(address, async (connection) => {
    connection.greet(settings);
    await use(connection);
  });
}

/** On a connection that has said nothing yet; afterwards it is cut. */
export async function withSilent(
  address: string,
  use: (connection: RawConnection) => Promise<void>,
): Promise<void> {
  const connection = await RawConnection.open(address);
  await use(connection);
  await connection.drained();
  await Promise.race([connection.closed, sleep(SETTLE_MS)]);
  connection.cut();
}
