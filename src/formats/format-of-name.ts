/** The format that the name of a file tells. */
import { extname } from "node:path/posix";
import type { FileFormat } from "./format-options.ts";

/** Text and any bytes have any names: they are said to be so. */
const FORMAT_OF_SUFFIX: Readonly<Record<string, FileFormat>> = {
  ".json": "json",
  ".ndjson": "json",
  ".jsonl": "json",
  ".csv": "csv",
  ".tsv": "csv",
  ".tab": "csv",
  ".parquet": "parquet",
  ".avro": "avro",
  ".xml": "xml",
};

/** Endings that say how a file is packed; content tells that, too. */
const PACKED = /(\.(gz|gzip|zst|zstd|bz2|zip|tar))+$/i;

/** By the ending, whatever its case, of a file or of what is packed in it. */
export function formatOfName(key: string): FileFormat | "unknown" {
  // Nearly every name of a listing ends here.
  const plain = FORMAT_OF_SUFFIX[key.slice(key.lastIndexOf(".")).toLowerCase()];
  if (plain !== undefined && !/(^|\/)\.[^.]*$/.test(key)) return plain;
  const name = key.toLowerCase().replace(PACKED, "");
  return FORMAT_OF_SUFFIX[extname(name)] ?? "unknown";
}

/** The endings that tell it, as they are written: `.json`, `.CSV.gz`; undefined where the name has none. */
export function endingOf(key: string): string | undefined {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const packed = PACKED.exec(name)?.[0] ?? "";
  const ending = extname(name.slice(0, name.length - packed.length)) + packed;
  return ending === "" ? undefined : ending;
}
