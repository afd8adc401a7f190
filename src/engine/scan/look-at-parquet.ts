/**
 * Whether a file can be Parquet at all, from its first and last bytes: the engine's own words for this do not tell a truncated
 * file from an encrypted one (Parquet format, "File format").
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { decodePathBytes } from "../../base/path-bytes.ts";

/** Magic, an empty footer's length, magic. */
const LEAST_BYTES = 12;
const MAGIC_BYTES = 4;

export const EMPTY_PARQUET = "Parquet: the file is empty";

/** A sentence for people, or undefined if nothing speaks against it. */
export function parquetDamage(path: string): string | undefined {
  const handle = openSync(decodePathBytes(path), "r");
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return EMPTY_PARQUET;
    const tail = Buffer.alloc(8);
    const start = Buffer.alloc(MAGIC_BYTES);
    const head = start.toString("latin1", 0, readSync(handle, start, 0, MAGIC_BYTES, 0));
    if (head === "PARE") return "Parquet: the file is encrypted";
    if (head !== "PAR1") return "Parquet: the file does not begin as Parquet does (PAR1)";
    if (size < LEAST_BYTES) return "Parquet: the file is truncated";
    readSync(handle, tail, 0, 8, size - 8);
    const magic = tail.toString("latin1", 4);
    if (magic === "PARE") return "Parquet: the footer is encrypted";
    if (magic !== "PAR1") return "Parquet: the file is truncated: it does not end with its footer";
    const footer = tail.readUInt32LE(0);
    return footer + LEAST_BYTES > size
      ? "Parquet: the footer is longer than the file: it is truncated or damaged"
      : undefined;
  } finally {
    closeSync(handle);
  }
}
