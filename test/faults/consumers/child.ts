/**
 * Subscribers in a process of their own, to be stopped where they are. Arguments:
 * HOST:PORT and how many. Says "reading" when all of them have got something.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { GrpcConnection } from "../http2/grpc.ts";
import { Following } from "./following.ts";

const [address = "", count = "1"] = process.argv.slice(2);
const connection = new GrpcConnection(address);
const all = Array.from({ length: Number(count) }, () => new Following(connection, 0));
while (!all.every(({ position }) => position > 0)) await sleep(10);
process.stdout.write("reading\n");
process.stdin.resume().once("end", () => process.exit(0));
