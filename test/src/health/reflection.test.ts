import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials } from "@grpc/grpc-js";
import { EventStoreService, MaintenanceService } from "@varve/proto";
import { describe, expect, it, onTestFinished } from "vitest";
import { startTestServer } from "../support/server.js";

// Fields of `ServerReflectionRequest` and `ServerReflectionResponse`.
const LIST_SERVICES = 7;
const FILE_CONTAINING_SYMBOL = 4;
const FILE_DESCRIPTOR_RESPONSE = 4;
const LIST_SERVICES_RESPONSE = 6;
const ERROR_RESPONSE = 7;

const versions = ["grpc.reflection.v1", "grpc.reflection.v1alpha"];

/** Asks one question, and returns what a field of the answer holds. */
async function ask(
  address: string,
  version: string,
  question: [field: number, value: string],
  field: number,
): Promise<Uint8Array[]> {
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const path = `/${version}.ServerReflection/ServerReflectionInfo`;
  const identity = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(path, identity, identity);
  const [number, value] = question;
  const request = new BinaryWriter().tag(number, WireType.LengthDelimited).string(value).finish();
  call.end(Buffer.from(request));
  const answers: Uint8Array[] = [];
  for await (const response of call) answers.push(...valuesOf(response, field));
  return answers;
}

/** The values of a length-delimited field. */
function valuesOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) values.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return values;
}

describe.each(versions)("%s", (version) => {
  it("lists the services", async () => {
    const { address } = await startTestServer();
    const answers = await ask(address, version, [LIST_SERVICES, ""], LIST_SERVICES_RESPONSE);
    const services = answers
      .flatMap((answer) => valuesOf(answer, 1))
      .flatMap((entry) => valuesOf(entry, 1))
      .map((name) => Buffer.from(name).toString());
    expect(services).toContain(EventStoreService.typeName);
    expect(services).toContain(MaintenanceService.typeName);
  });

  it("describes the service, and everything that it is made of", async () => {
    const { address } = await startTestServer();
    const question: [number, string] = [FILE_CONTAINING_SYMBOL, EventStoreService.typeName];
    const answers = await ask(address, version, question, FILE_DESCRIPTOR_RESPONSE);
    const files = answers
      .flatMap((answer) => valuesOf(answer, 1))
      .map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    const service = files.flatMap((file) => file.service)[0];
    expect(service?.method.map(({ name }) => name)).toEqual(
      EventStoreService.methods.map(({ name }) => name),
    );
    const names = new Set(files.map(({ name }) => name));
    for (const { dependency } of files) {
      for (const name of dependency) expect(names).toContain(name);
    }
  });

  it("says of a symbol that there is not that it is not found", async () => {
    const { address } = await startTestServer();
    const question: [number, string] = [FILE_CONTAINING_SYMBOL, "varve.v1.Nothing"];
    const answers = await ask(address, version, question, ERROR_RESPONSE);
    expect(answers).toHaveLength(1);
  });
});
