/** Names of data files, in the form that Spark users know. */
import { encodeAddPath, partitionDirectory } from "./add-path.ts";
import { encodePathBytes } from "../base/path-bytes.ts";

export interface DataFileOptions {
  /** Of the file within its commit, from 0. */
  readonly index: number;
  /** Fresh: it is what keeps names apart. */
  readonly uuid: string;
  readonly codec: "snappy" | "zstd" | "gzip" | "uncompressed";
  readonly partitionColumns: readonly string[];
  /** Serialized, as in `add.partitionValues`. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
}

export interface DataFilePlace {
  /** For `add.path`. */
  readonly path: string;
  /** For the table's storage. */
  readonly key: string;
}

/** `part-00000-<uuid>-c000.snappy.parquet` */
export function dataFileName(options: Pick<DataFileOptions, "index" | "uuid" | "codec">): string {
  const codec = options.codec === "uncompressed" ? "" : `.${options.codec}`;
  return `part-${String(options.index).padStart(5, "0")}-${options.uuid}-c000${codec}.parquet`;
}

/** Of a path or key that ends in such a name; undefined for any other. Other writers use the form, too. */
export function uuidOfDataFile(path: string): string | undefined {
  return /(?:^|\/)part-\d+-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-c\d+[^/]*\.parquet$/.exec(path)?.[1];
}

/** Where a new file of changes goes (PROTOCOL.md, "Change Data Files"): below `_change_data`, and there below its partition's directory. */
export function changeFilePlace(options: DataFileOptions): DataFilePlace {
  const directory = partitionDirectory(options.partitionColumns, options.partitionValues);
  const name = dataFileName(options).replace(/^part-/, "cdc-");
  const path = `_change_data/${directory === "" ? "" : `${directory}/`}${name}`;
  return { path: encodeAddPath(path), key: encodePathBytes(path) };
}

/** Where a new data file goes, below its partition's directory, in both of its spellings. */
export function dataFilePlace(options: DataFileOptions): DataFilePlace {
  const directory = partitionDirectory(options.partitionColumns, options.partitionValues);
  const path = directory === "" ? dataFileName(options) : `${directory}/${dataFileName(options)}`;
  return { path: encodeAddPath(path), key: encodePathBytes(path) };
}
