import {
  create,
  type DescField,
  type DescMessage,
  type DescMethod,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import {
  AppendRequestSchema,
  AppendStreamRequestSchema,
  EventStoreService,
  MaintenanceService,
} from "@varve/proto";
import { type AppendInit, newEvent } from "../../src/support/requests.ts";
import type { Random } from "../random.ts";

const DEPTH_MAX = 5;
const LIST_MAX = 3;

/** Every method of the contract. */
export const methods: readonly DescMethod[] = [
  ...EventStoreService.methods,
  ...MaintenanceService.methods,
];

/** Path of a method. */
export function pathOfMethod(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** A request that is valid, or at least of the right type. */
export function anyRequest(method: DescMethod, random: Random): Buffer {
  if (method.input === AppendRequestSchema && random.chance(0.7)) return encodedAppend(random);
  if (method.input === AppendStreamRequestSchema && random.chance(0.7)) {
    return encodedFrame(random);
  }
  return Buffer.from(toBinary(method.input, anyMessage(method.input, random)));
}

/** An append that would be stored. */
export function anyAppend(random: Random): AppendInit {
  const events = Array.from({ length: random.integer(1, 3) }, () =>
    newEvent(`fuzz-${random.integer(1, 5)}`, {
      id: random.uuid(),
      data: Buffer.alloc(random.integer(0, 200), random.integer(0, 255)),
      ...(random.chance(0.3) && { tags: ["fuzz:1"] }),
    }),
  );
  return { ...(random.chance(0.7) && { appendId: random.uuid() }), events };
}

export function encodedAppend(random: Random): Buffer {
  const append = create(AppendRequestSchema, anyAppend(random));
  return Buffer.from(toBinary(AppendRequestSchema, append));
}

function encodedFrame(random: Random): Buffer {
  const appends = Array.from({ length: random.integer(1, 4) }, (_, i) => ({
    correlation: BigInt(i),
    append: anyAppend(random),
  }));
  const frame = create(AppendStreamRequestSchema, { appends });
  return Buffer.from(toBinary(AppendStreamRequestSchema, frame));
}

/** A message with fields set by chance, of the right types. */
function anyMessage(desc: DescMessage, random: Random, depth = 0): Message {
  const message = create(desc);
  const reflected = reflect(desc, message);
  for (const field of desc.fields) if (random.chance(0.6)) fill(reflected, field, random, depth);
  return message;
}

function fill(message: ReflectMessage, field: DescField, random: Random, depth: number): void {
  if (field.fieldKind === "list") {
    const list = message.get(field);
    for (let i = random.integer(0, LIST_MAX); i > 0; i--) {
      const value = anyValue(field, random, depth);
      if (value !== undefined) list.add(value);
    }
    return;
  }
  const value = anyValue(field, random, depth);
  if (value !== undefined) message.set(field, value);
}

/** One value; `undefined` where the message is deep enough. */
function anyValue(field: DescField, random: Random, depth: number): unknown {
  if (field.message) {
    if (depth >= DEPTH_MAX) return undefined;
    return reflect(field.message, anyMessage(field.message, random, depth + 1));
  }
  if (field.enum) return random.chance(0.8) ? random.integer(0, 3) : random.integer(-9, 99);
  return scalar(field.scalar ?? ScalarType.STRING, random);
}

function scalar(type: ScalarType, random: Random): unknown {
  switch (type) {
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.BYTES:
      return Buffer.alloc(random.integer(0, 40), random.integer(0, 255));
    case ScalarType.INT64:
      return random.pick([0n, 1n, 5n, -1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]);
    case ScalarType.STRING:
      return random.pick(["", "default", "fuzz-1", "a*", "$x", "\u0000", "ä".repeat(300), "tag:1"]);
    default:
      return random.pick([0, 1, 7, -1, 2 ** 31 - 1]);
  }
}
