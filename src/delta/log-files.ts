/** The names in `_delta_log` (PROTOCOL.md, "File Types"): written, and read into a tagged union. */

export const LOG_FOLDER = "_delta_log/";
export const LAST_CHECKPOINT = `${LOG_FOLDER}_last_checkpoint`;

export type LogFile =
  | { readonly kind: "commit"; readonly version: number }
  | { readonly kind: "checkpoint"; readonly version: number }
  | {
      readonly kind: "multiPartCheckpoint";
      readonly version: number;
      readonly part: number;
      readonly parts: number;
    }
  | {
      readonly kind: "uuidCheckpoint";
      readonly version: number;
      readonly uuid: string;
      readonly format: "json" | "parquet";
    }
  | { readonly kind: "compaction"; readonly from: number; readonly to: number }
  | { readonly kind: "checksum"; readonly version: number }
  | { readonly kind: "lastCheckpoint" };

const NAMES =
  /^(\d{20})\.(?:(json)|(checkpoint\.parquet)|checkpoint\.(\d{10})\.(\d{10})\.parquet|checkpoint\.([^./]+)\.(json|parquet)|(\d{20})\.compacted\.json|(crc))$/;

/**
 * What a name directly in `_delta_log` stands for; undefined for names that Delta does not define, which readers ignore
 * (temporary files, Hadoop's `.crc` siblings, folders' contents).
 */
export function parseLogFileName(name: string): LogFile | undefined {
  if (name === "_last_checkpoint") return { kind: "lastCheckpoint" };
  const match = NAMES.exec(name);
  if (match === null) return undefined;
  const version = Number(match[1]);
  if (!Number.isSafeInteger(version)) return undefined;
  if (match[2] !== undefined) return { kind: "commit", version };
  if (match[3] !== undefined) return { kind: "checkpoint", version };
  if (match[4] !== undefined) {
    return { kind: "multiPartCheckpoint", version, part: Number(match[4]), parts: Number(match[5]) };
  }
  if (match[6] !== undefined) {
    return { kind: "uuidCheckpoint", version, uuid: match[6], format: match[7] as "json" | "parquet" };
  }
  if (match[8] !== undefined) return { kind: "compaction", from: version, to: Number(match[8]) };
  return { kind: "checksum", version };
}

/** The name of a log file, the opposite of `parseLogFileName`. */
export function formatLogFileName(file: LogFile): string {
  if (file.kind === "lastCheckpoint") return "_last_checkpoint";
  const version = pad(file.kind === "compaction" ? file.from : file.version, 20);
  if (file.kind === "commit") return `${version}.json`;
  if (file.kind === "checkpoint") return `${version}.checkpoint.parquet`;
  if (file.kind === "multiPartCheckpoint") {
    return `${version}.checkpoint.${pad(file.part, 10)}.${pad(file.parts, 10)}.parquet`;
  }
  if (file.kind === "uuidCheckpoint") return `${version}.checkpoint.${file.uuid}.${file.format}`;
  return file.kind === "compaction" ? `${version}.${pad(file.to, 20)}.compacted.json` : `${version}.crc`;
}

/** The key of a version's commit, relative to the table's root. */
export function commitKey(version: number): string {
  return LOG_FOLDER + formatLogFileName({ kind: "commit", version });
}

/** The key of a version's classic checkpoint, relative to the table's root. */
export function checkpointKey(version: number): string {
  return LOG_FOLDER + formatLogFileName({ kind: "checkpoint", version });
}

/** The key of a version's checksum, relative to the table's root. */
export function checksumKey(version: number): string {
  return LOG_FOLDER + formatLogFileName({ kind: "checksum", version });
}

/** A key that sorts before every file of the version and after those of all earlier versions. */
export function keyBefore(version: number): string {
  return LOG_FOLDER + pad(version, 20);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
