import { emmett } from "./emmett.ts";
import { etcd } from "./etcd.ts";
import { nats } from "./nats.ts";
import type { Contestant, Peer, PeerId } from "./peer.ts";
import { redis } from "./redis.ts";
import { umadb, umadbPipelined } from "./umadb.ts";
import { varve } from "./varve.ts";

/** In the order of the table. */
export const peers: readonly Peer[] = [umadb, umadbPipelined, emmett, nats, etcd, redis];

export function contestantOf(id: PeerId | "varve"): Contestant {
  return id === "varve" ? varve : peerOf(id);
}

export function peerOf(id: PeerId): Peer {
  const peer = peers.find((peer) => peer.id === id);
  if (!peer) throw new Error(`there is no peer ${id}`);
  return peer;
}
