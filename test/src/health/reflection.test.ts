import { create, createFileRegistry, type FileRegistry, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { EventStoreService, MaintenanceService } from "@varve/proto";
import { ErrorInfoSchema, StatusSchema } from "@varve/proto/google/rpc";
import { Health, ServerReflection, ServerReflectionV1Alpha } from "@varve/proto/grpc";
import { describe, expect, it } from "vitest";
import { type Question, ReflectionCall } from "../support/reflection.js";
import { startTestServer } from "../support/server.js";

const services = [
  EventStoreService,
  MaintenanceService,
  Health,
  ServerReflection,
  ServerReflectionV1Alpha,
];
const names = services.map(({ typeName }) => typeName);
/** Every file that a service, or a detail of an error, needs. */
const files = [...services, ErrorInfoSchema, StatusSchema].map(({ file }) => file);

async function startCall(version: string): Promise<ReflectionCall> {
  const { address } = await startTestServer();
  return new ReflectionCall(address, version);
}

/** Throws if one of the files imports one that is not among them. */
function registryOf(found: readonly FileDescriptorProto[]): FileRegistry {
  const file = importsFirst(found);
  return createFileRegistry(create(FileDescriptorSetSchema, { file }));
}

function importsFirst(found: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const sorted = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto): void => {
    for (const name of file.dependency) {
      const imported = found.find((each) => each.name === name);
      if (!imported) throw new Error(`${file.name} imports ${name}, which was not answered`);
      visit(imported);
    }
    sorted.add(file);
  };
  found.forEach(visit);
  return [...sorted];
}

function symbol(value: string): Question {
  return { case: "fileContainingSymbol", value };
}

describe.each(["grpc.reflection.v1", "grpc.reflection.v1alpha"])("%s", (version) => {
  it("lists every service of the server, itself included", async () => {
    const call = await startCall(version);
    expect((await call.services()).sort()).toEqual([...names].sort());
  });

  // Its story: files came without their imports and merged into one for each package,
  // so that no tool could make sense of them.
  it("answers with files of which a client can make the contract", async () => {
    const call = await startCall(version);
    for (const service of services) {
      const registry = registryOf(await call.files(symbol(service.typeName)));
      const methods = registry.getService(service.typeName)?.methods ?? [];
      expect(
        methods.map(({ name, methodKind, input, output }) => [
          name,
          methodKind,
          input.typeName,
          output.typeName,
        ]),
      ).toEqual(
        service.methods.map(({ name, methodKind, input, output }) => [
          name,
          methodKind,
          input.typeName,
          output.typeName,
        ]),
      );
    }
  });

  it("answers with each file as it is, the one that was asked for first", async () => {
    const call = await startCall(version);
    for (const file of files.flatMap((each) => [each, ...each.dependencies])) {
      const [found] = await call.files({ case: "fileByFilename", value: file.proto.name });
      if (!found) throw new Error("there is no file");
      const encoded = Buffer.from(toBinary(FileDescriptorProtoSchema, found));
      expect(encoded.equals(toBinary(FileDescriptorProtoSchema, file.proto)), file.name).toBe(true);
      expect(found.dependency).toEqual(file.dependencies.map(({ proto }) => proto.name));
    }
  });

  it("finds everything that has a name", async () => {
    const call = await startCall(version);
    const types = files.flatMap((file) => [...nestedTypes(file)]);
    for (const type of types) {
      const [file] = await call.files(symbol(type.typeName));
      expect(file?.name, type.typeName).toBe(type.file.proto.name);
    }
    const members = [
      "varve.v1.EventStoreService.AppendStream",
      "varve.v1.Condition.stream",
      "varve.v1.Condition.kind",
      "varve.v1.STREAM_STATE_EXISTS",
    ];
    for (const member of members) expect(await call.files(symbol(member))).not.toEqual([]);
  });

  it("says what it does not have", async () => {
    const call = await startCall(version);
    const nowhere: Question[] = [
      symbol("varve.v1.Nothing"),
      symbol(""),
      { case: "fileByFilename", value: "varve/v1/nothing.proto" },
      { case: "allExtensionNumbersOfType", value: "varve.v1.Nothing" },
      extension("varve.v1.Event"),
      extension("varve.v1.Nothing"),
    ];
    for (const question of nowhere) {
      expect(await call.ask(question)).toMatchObject({
        case: "errorResponse",
        value: { errorCode: status.NOT_FOUND, errorMessage: expect.stringMatching(/./) },
      });
    }
    expect(
      await call.ask({ case: "allExtensionNumbersOfType", value: "varve.v1.Event" }),
    ).toMatchObject({
      case: "allExtensionNumbersResponse",
      value: { baseTypeName: "varve.v1.Event", extensionNumber: [] },
    });
  });

  it("answers a question that it does not know, and goes on", async () => {
    const call = await startCall(version);
    expect(await call.ask({ case: undefined })).toMatchObject({
      case: "errorResponse",
      value: { errorCode: status.INVALID_ARGUMENT },
    });
    expect(await call.services()).toHaveLength(services.length);
  });

  it("does not keep the server from stopping", async () => {
    const { address, running } = await startTestServer({ flags: { "stop-grace-seconds": "3600" } });
    await new ReflectionCall(address, version).services();
    await running.stop();
  });
});

function extension(containingType: string): Question {
  const value = {
    $typeName: "grpc.reflection.v1.ExtensionRequest" as const,
    containingType,
    extensionNumber: 1,
  };
  return { case: "fileContainingExtension", value };
}
