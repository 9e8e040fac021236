import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { EventStoreService, MaintenanceService } from "@varve/proto";

const services = [EventStoreService, MaintenanceService];

/** Lets tools such as grpcurl ask the server for the contract. */
export function reflectionService(): ReflectionService {
  const files = new Map<string, DescFile>();
  for (const service of services) collect(service.file, files);
  const set = create(FileDescriptorSetSchema, {
    file: [...files.values()].map((file) => file.proto),
  });
  const bytes = Buffer.from(toBinary(FileDescriptorSetSchema, set));
  return new ReflectionService(loadFileDescriptorSetFromBuffer(bytes), {
    services: services.map(({ typeName }) => typeName),
  });
}

/** A file and all that it imports, imports first. */
function collect(file: DescFile, files: Map<string, DescFile>): void {
  for (const dependency of file.dependencies) collect(dependency, files);
  files.set(file.name, file);
}
