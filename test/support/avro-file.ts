/** Writes Avro files for tests: values by avsc, the container by hand so that every byte of it can be damaged. */
import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib";
import avro from "avsc";

export interface AvroFileOptions {
  /** Longs are BigInt, unions are `{ branch: value }`. */
  readonly rows: readonly (readonly unknown[])[];
  readonly codec?: string;
}

const SYNC = Buffer.from("0123456789abcdef");

/** Longs of all 64 bits. */
const LONG = avro.types.LongType.__with({
  fromBuffer: (buf: Buffer) => buf.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buf = Buffer.alloc(8);
    buf.writeBigInt64LE(value);
    return buf;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
});

/** One file: each element of `rows` is a block. */
export function avroFile(schema: avro.Schema, options: AvroFileOptions): Buffer {
  const type = avro.Type.forSchema(schema, { wrapUnions: true, typeHook: longHook });
  const blocks = options.rows.map((rows) => ({
    records: rows.length,
    data: Buffer.concat(rows.map((row) => type.toBuffer(row))),
  }));
  return avroContainer(JSON.stringify(schema), { blocks, codec: options.codec });
}

function longHook(schema: avro.Schema): avro.Type | undefined {
  const name = typeof schema === "object" && "type" in schema ? schema.type : schema;
  return name === "long" ? LONG : undefined;
}

/** A container around bytes that may be anything. */
export function avroContainer(
  schema: string,
  options: {
    readonly blocks: readonly { readonly records: number; readonly data: Buffer }[];
    readonly codec?: string | undefined;
  },
): Buffer {
  const { codec = "null" } = options;
  const parts = [Buffer.from("Obj\u0001"), varint(2), text("avro.schema"), text(schema)];
  parts.push(text("avro.codec"), text(codec), varint(0), SYNC);
  for (const { records, data } of options.blocks) {
    const packed = compress(codec, data);
    parts.push(varint(records), varint(packed.length), packed, SYNC);
  }
  return Buffer.concat(parts);
}

/** A zigzag integer. */
export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function compress(codec: string, data: Buffer): Buffer {
  if (codec === "deflate") return deflateRawSync(data);
  if (codec === "zstandard") return zstdCompressSync(data);
  if (codec === "snappy") return snappyLiterals(data);
  return data;
}

/** Snappy without a copy in it. */
function snappyLiterals(data: Buffer): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(data));
  const length: number[] = [];
  let rest = data.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  const literal = Buffer.alloc(data.length === 0 ? 0 : 5);
  if (data.length > 0) {
    literal[0] = 63 << 2;
    literal.writeUInt32LE(data.length - 1, 1);
  }
  return Buffer.concat([Buffer.from([...length, rest]), literal, data, crc]);
}
