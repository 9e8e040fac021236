import type { Burst } from "./burst.ts";
import { floodBursts } from "./flood-bursts.ts";
import { frameBursts } from "./frame-bursts.ts";
import { grpcBursts } from "./grpc-bursts.ts";
import { headerBursts } from "./header-bursts.ts";
import { protobufBursts } from "./protobuf-bursts.ts";

/** All that is done to the server, from the outer layer to the inner one. */
export const bursts: readonly Burst[] = [
  ...frameBursts,
  ...floodBursts,
  ...headerBursts,
  ...grpcBursts,
  ...protobufBursts,
];
