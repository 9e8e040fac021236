import { type FileHandle, open } from "node:fs/promises";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Pace } from "@varve/engine";
import { snappyUncompressor } from "hysnappy";
import { maskedCrc32c } from "./crc32c.js";
import type { DamagedPlace } from "./file-finding.js";

/**
 * A table of LevelDB, which is never changed once it is written:
 *
 *     table   := block+ metaindex index footer       one block after the other, without gaps
 *     block   := content compression:u8 crc:u32le    crc = masked CRC-32C of content, compression
 *     footer  := metaindex-handle index-handle zeros magic:8 bytes          48 bytes
 *     handle  := offset:varint size:varint           size is that of the content
 *     index   := entry* restart:u32le* restarts:u32le
 *     entry   := shared:varint unshared:varint value-size:varint key value
 *                                                    value = handle
 */
const FOOTER_BYTES = 48;
const TRAILER_BYTES = 5;
const MAGIC = Buffer.from("57fb808b247547db", "hex");
const Compression = { none: 0, snappy: 1 } as const;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** Blocks are read in runs of about this size, bytes. */
const RUN_BYTES = 64 * 1024;

/** Yields what is damaged. `sizeBytes` is what it must have. Throws if it cannot be read. */
export async function* checkTable(
  path: string,
  sizeBytes: number,
  pace: Pace,
): AsyncGenerator<DamagedPlace> {
  await using handle = await open(path);
  const { size } = await handle.stat();
  if (size !== sizeBytes) {
    const what = `it has ${size} bytes where ${sizeBytes} were written`;
    yield { offset: Math.min(size, sizeBytes), what };
  }
  if (size < sizeBytes || sizeBytes < FOOTER_BYTES) return;
  yield* new TableCheck(handle, sizeBytes, pace).run();
}

class TableCheck {
  constructor(
    private readonly file: FileHandle,
    private readonly sizeBytes: number,
    private readonly pace: Pace,
  ) {}

  async *run(): AsyncGenerator<DamagedPlace> {
    const footerAt = this.sizeBytes - FOOTER_BYTES;
    const footer = readFooter(await this.#read(footerAt, FOOTER_BYTES));
    if (!footer) {
      yield { offset: footerAt, what: "its footer is not that of a table" };
      return;
    }
    const { index, metaindex } = footer;
    const data = await this.#handles(index);
    if (!data) {
      yield { offset: index.offset, what: "its index does not match its checksum" };
      return;
    }
    const meta = await this.#handles(metaindex);
    if (!meta)
      yield { offset: metaindex.offset, what: "its metaindex does not match its checksum" };
    const blocks = [...data, ...(meta ?? [])].sort((a, b) => a.offset - b.offset);
    if (meta) yield* findGaps([...blocks, metaindex, index], footerAt);
    yield* this.#checkBlocks(blocks);
  }

  /** Reads many small blocks at once. */
  async *#checkBlocks(blocks: readonly Handle[]): AsyncGenerator<DamagedPlace> {
    for (let start = 0; start < blocks.length; ) {
      const { offset } = blocks[start] as Handle;
      let end = start + 1;
      while (end < blocks.length && endOf(blocks[end] as Handle) - offset <= RUN_BYTES) end++;
      const run = blocks.slice(start, end);
      const bytes = await this.#read(offset, Math.max(...run.map(endOf)) - offset);
      for (const block of run) {
        if (isWhole(bytes.subarray(block.offset - offset, endOf(block) - offset))) continue;
        yield { offset: block.offset, what: "a block does not match its checksum" };
      }
      start = end;
    }
  }

  /** The handles in an index or metaindex; `undefined` if that is damaged. */
  async #handles(block: Handle): Promise<Handle[] | undefined> {
    if (endOf(block) > this.sizeBytes) return undefined;
    const bytes = await this.#read(block.offset, block.size + TRAILER_BYTES);
    if (!isWhole(bytes)) return undefined;
    try {
      const handles = readHandles(uncompressed(bytes));
      return handles.every((each) => endOf(each) <= this.sizeBytes) ? handles : undefined;
    } catch {
      return undefined;
    }
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    await this.pace.spend(length);
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  }
}

function readFooter(bytes: Buffer): { metaindex: Handle; index: Handle } | undefined {
  const magicAt = FOOTER_BYTES - MAGIC.length;
  if (!bytes.subarray(magicAt).equals(MAGIC)) return undefined;
  try {
    const reader = new BinaryReader(bytes.subarray(0, magicAt));
    const footer = { metaindex: readHandle(reader), index: readHandle(reader) };
    // It has no checksum, but there is only one way to write it.
    return encodeFooter(footer).equals(bytes) ? footer : undefined;
  } catch {
    return undefined;
  }
}

function encodeFooter({ metaindex, index }: { metaindex: Handle; index: Handle }): Buffer {
  const writer = new BinaryWriter();
  for (const { offset, size } of [metaindex, index]) writer.uint64(offset).uint64(size);
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.set(writer.finish());
  footer.set(MAGIC, FOOTER_BYTES - MAGIC.length);
  return footer;
}

/** The blocks must fill the file up to the footer. */
function* findGaps(blocks: readonly Handle[], footerAt: number): Generator<DamagedPlace> {
  let at = 0;
  for (const block of blocks) {
    if (block.offset !== at) yield { offset: at, what: "no block begins there" };
    at = endOf(block);
  }
  if (at !== footerAt) yield { offset: at, what: "no block begins there" };
}

function isWhole(block: Buffer): boolean {
  const crcAt = block.length - 4;
  return crcAt > 0 && maskedCrc32c(block.subarray(0, crcAt)) === block.readUInt32LE(crcAt);
}

function endOf({ offset, size }: Handle): number {
  return offset + size + TRAILER_BYTES;
}

/** Throws if it does not decode. */
function uncompressed(block: Buffer): Uint8Array {
  const content = block.subarray(0, -TRAILER_BYTES);
  const compression = block[content.length];
  if (compression === Compression.none) return content;
  if (compression !== Compression.snappy) throw new RangeError("unknown compression");
  uncompress ??= snappyUncompressor();
  return uncompress(content, new BinaryReader(content).uint32());
}

let uncompress: ReturnType<typeof snappyUncompressor> | undefined;

/** Throws if it does not decode. */
function readHandles(index: Uint8Array): Handle[] {
  const view = Buffer.from(index.buffer, index.byteOffset, index.length);
  const restarts = view.readUInt32LE(view.length - 4);
  const reader = new BinaryReader(view.subarray(0, view.length - 4 * (restarts + 1)));
  const handles: Handle[] = [];
  while (reader.pos < reader.len) {
    reader.uint32();
    const unsharedKeyBytes = reader.uint32();
    const valueBytes = reader.uint32();
    reader.pos += unsharedKeyBytes;
    const end = reader.pos + valueBytes;
    handles.push(readHandle(reader));
    reader.pos = end;
  }
  return handles;
}

function readHandle(reader: BinaryReader): Handle {
  return { offset: Number(reader.uint64()), size: Number(reader.uint64()) };
}
