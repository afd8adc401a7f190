/** The header of an Avro object container file (Avro 1.12, "Object Container Files"). */
import { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";

export interface AvroHeader {
  /** JSON text. */
  readonly schema: string;
  /** Its name. */
  readonly codec: string;
  /** Stands behind the header and behind every block. */
  readonly sync: Buffer;
  /** Of the header, the marker behind it included. */
  readonly bytes: number;
}

export const SYNC_BYTES = 16;

const MAGIC = Buffer.from("Obj\u0001");

/**
 * Reads the header that `head` begins with; undefined while more bytes are needed.
 *
 * @param isEnd The file holds no more than `head`.
 * @throws LandfallError FILE_DAMAGED
 */
export function avroHeader(head: Buffer, isEnd: boolean): AvroHeader | undefined {
  if (!MAGIC.subarray(0, head.length).equals(head.subarray(0, MAGIC.length)))
    throw avroDamage("it does not begin as an Avro file does (Obj1)");
  const cursor = new AvroCursor(head);
  const found = new Map<string, Buffer>();
  try {
    cursor.skip(MAGIC.length);
    for (let count = cursor.items(2); count > 0; count = cursor.items(2)) {
      for (; count > 0; count--) {
        const key = cursor.string();
        const from = cursor.skip(cursor.count(1));
        found.set(key, head.subarray(from, cursor.at));
      }
    }
    cursor.skip(SYNC_BYTES);
  } catch (error) {
    // What is cut and what is damaged look alike until the end.
    if (isEnd) throw error;
    return undefined;
  }
  const codec = found.get("avro.codec")?.toString() ?? "null";
  const schema = found.get("avro.schema")?.toString();
  if (schema === undefined) throw avroDamage("its header holds no schema");
  const sync = Buffer.from(head.subarray(cursor.at - SYNC_BYTES, cursor.at));
  return { schema, codec, sync, bytes: cursor.at };
}
