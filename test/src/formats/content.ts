import type { AppendOptions, EventStoreClient, NewSnapshot, NewStreamEvent } from "@varve/client";

type Append = { workspace: string; events: NewStreamEvent[] } & Omit<AppendOptions, "expect">;

/** All there is to be told apart on disk: several blocks, streams, types, tags, sizes, workspaces. */
export const appends: readonly Append[] = [
  ...Array.from({ length: 30 }, (_, n) => ({
    workspace: "default",
    appendId: uuid(n),
    events: [
      event(n, `order-${n % 4}`, "order.Placed", { total: n }, [`customer:${n % 3}`, "new"]),
      event(1000 + n, "audit", n % 2 === 0 ? "audit.Seen" : "audit.Überprüft", { text: "ä€😀" }),
    ],
  })),
  {
    workspace: "default",
    appendId: uuid(100),
    events: [event(2000, "large-1", "large.Stored", "x".repeat(40_000))],
  },
  {
    workspace: "blue",
    appendId: uuid(101),
    events: [event(2001, "blue-1", "blue.Happened", new Uint8Array([0, 1, 2, 255]))],
  },
  {
    workspace: "default",
    appendId: uuid(102),
    events: [event(2002, "order-0", "order.Shipped", {}, ["customer:0"])],
  },
];

export const snapshot: NewSnapshot = {
  stream: "order-0",
  revision: 3n,
  schemaType: "order/1",
  data: { total: 12 },
};

/** What a client sees of it. */
export async function recordOf(client: EventStoreClient): Promise<Record<string, unknown>> {
  const workspaces: Record<string, unknown> = {};
  for (const name of ["default", "blue"]) {
    const workspace = client.workspace(name);
    const events: unknown[] = [];
    for await (const recorded of workspace.replay()) events.push(jsonOf(recorded));
    const streams: unknown[] = [];
    for await (const stream of workspace.listStreams()) streams.push(jsonOf(stream));
    const tagged: string[] = [];
    const filter = { tags: ["customer:1"] };
    for await (const recorded of workspace.replay({ filter })) tagged.push(recorded.id);
    workspaces[name] = { events, streams, tagged };
  }
  return { workspaces, snapshot: jsonOf(await client.getSnapshot(snapshot.stream)) };
}

/** Comparable with what comes out of a file. */
function jsonOf(value: unknown): unknown {
  const text = JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === "bigint") return String(member);
    return member instanceof Uint8Array ? Buffer.from(member).toString("base64") : member;
  });
  return JSON.parse(text);
}

function event(
  n: number,
  stream: string,
  type: string,
  data: NonNullable<NewStreamEvent["data"]>,
  tags: string[] = [],
): NewStreamEvent {
  return { id: uuid(n), stream, type, data, tags, metadata: { actor: `someone ${n}` } };
}

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}
