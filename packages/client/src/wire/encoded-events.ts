import { clone, create, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { EventBatchSchema, EventStoreService } from "@varve/proto";

/**
 * The service, but that answers leave their events encoded: each `EventBatch` is
 * bytes, which is the same on the wire. To decode them as messages would cost more
 * than all the rest of reading them. For transports that carry binary messages.
 */
export const encodedEventService: typeof EventStoreService = withEncodedEvents();

function withEncodedEvents(): typeof EventStoreService {
  const files = new Map<string, FileDescriptorProto>();
  collect(EventStoreService.file, files);
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: [...files.values()] }),
  );
  return registry.getService(EventStoreService.typeName) as typeof EventStoreService;
}

/** Each after those that it imports. */
function collect({ name, proto, dependencies }: DescFile, files: Map<string, FileDescriptorProto>) {
  for (const file of dependencies) collect(file, files);
  if (!files.has(name)) files.set(name, encoded(proto));
}

function encoded(file: FileDescriptorProto): FileDescriptorProto {
  const changed = clone(FileDescriptorProtoSchema, file);
  for (const field of changed.messageType.flatMap((message) => message.field)) {
    if (field.typeName !== `.${EventBatchSchema.typeName}`) continue;
    field.type = FieldDescriptorProto_Type.BYTES;
    field.typeName = "";
  }
  return changed;
}
