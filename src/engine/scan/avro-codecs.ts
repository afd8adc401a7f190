/** Avro's codecs: what decompresses a block. */
import { crc32, inflateRawSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "../../base/landfall-error.ts";
import { avroDamage } from "./avro-damage.ts";
import { bunzip2Blocks } from "./bunzip2.ts";
import { snappyDecompress } from "./snappy.ts";

/** Decompresses a block to at most `maxBytes`. @throws LandfallError FILE_DAMAGED */
export type AvroCodec = (data: Buffer, maxBytes: number) => Buffer;

const CRC_BYTES = 4;

const CODECS: ReadonlyMap<string, AvroCodec> = new Map<string, AvroCodec>([
  ["null", (data) => data],
  ["deflate", (data, maxBytes) => inflateRawSync(data, { maxOutputLength: atLeastOne(maxBytes) })],
  ["zstandard", (data, maxBytes) => zstdDecompressSync(data, { maxOutputLength: atLeastOne(maxBytes) })],
  ["snappy", unsnappy],
  ["bzip2", unbzip2],
]);

/** @throws LandfallError FILE_DAMAGED for a codec that is not read */
export function avroCodec(name: string): AvroCodec {
  const codec = CODECS.get(name);
  if (codec === undefined) throw avroDamage(`its codec ${JSON.stringify(name)} is not read`);
  return (data, maxBytes) => {
    try {
      return codec(data, maxBytes);
    } catch (error) {
      throw avroDamage(
        `a block is not valid ${name}, or longer than maxRecordBytes: ${messageOf(error)}`,
        error,
      );
    }
  };
}

function atLeastOne(bytes: number): number {
  return Math.max(1, bytes);
}

/** Behind the block stands the CRC-32 of what it holds. */
function unsnappy(data: Buffer, maxBytes: number): Buffer {
  if (data.length < CRC_BYTES) throw new Error("it is truncated");
  const end = data.length - CRC_BYTES;
  const plain = snappyDecompress(data.subarray(0, end), maxBytes);
  if (crc32(plain) !== data.readUInt32BE(end)) throw new Error("its checksum is wrong");
  return plain;
}

function unbzip2(data: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  let first: Buffer | undefined = data;
  let total = 0;
  const blocks = bunzip2Blocks({
    read: () => {
      const bytes = first;
      first = undefined;
      return bytes;
    },
    write: (bytes) => {
      total += bytes.length;
      if (total > maxBytes) throw new Error("it holds more than the limit");
      parts.push(Buffer.from(bytes));
    },
    file: "a block",
  });
  while (blocks.next().done !== true);
  return Buffer.concat(parts);
}
