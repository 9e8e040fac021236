/**
 * Subscribers in a process of their own, to be stopped where they are. Arguments:
 * HOST:PORT and how many. Says "reading" when all of them have got something.
 */
import { GrpcConnection } from "../http2/grpc.ts";
import { allReading, Following } from "./following.ts";

const [address = "", count = "1"] = process.argv.slice(2);
const connection = new GrpcConnection(address);
const all = Array.from({ length: Number(count) }, () => new Following(connection, 0));
await allReading(all);
process.stdout.write("reading\n");
process.stdin.resume().once("end", () => process.exit(0));
