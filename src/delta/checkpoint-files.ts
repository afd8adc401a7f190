/** The checkpoints in a log, told from the names of its files alone (PROTOCOL.md, "Checkpoints"). */
import { formatLogFileName, LOG_FOLDER, type LogFile } from "./log-files.ts";

/** One checkpoint as it lies in `_delta_log`; whether it can be read is known only by reading it. */
export interface CheckpointFiles {
  readonly version: number;
  /** `uuid`: named with one, always of the V2 spec. A classic name may hold either spec. */
  readonly kind: "classic" | "multiPart" | "uuid";
  /** Relative to the table's root; all parts of a multi-part checkpoint, in their order. */
  readonly keys: readonly string[];
}

/** Of checkpoints of one version the last is tried first: fewer files, then the kind that most programs write. */
const PREFERRED_LAST = ["multiPart", "uuid", "classic"];

/** The complete ones, ascending by version. A multi-part checkpoint of which a part is missing is none. */
export function checkpointsOf(files: Iterable<LogFile>): CheckpointFiles[] {
  const found: CheckpointFiles[] = [];
  const listed = [...files];
  for (const file of listed) {
    const keys = [LOG_FOLDER + formatLogFileName(file)];
    if (file.kind === "checkpoint") found.push({ version: file.version, kind: "classic", keys });
    if (file.kind === "uuidCheckpoint") found.push({ version: file.version, kind: "uuid", keys });
  }
  found.push(...multiPart(listed, true));
  const rank = ({ kind }: CheckpointFiles): number => PREFERRED_LAST.indexOf(kind);
  return found.sort((left, right) => left.version - right.version || rank(left) - rank(right));
}

/** The multi-part checkpoints of which a part is missing, with the keys of those that are there; ascending by version. */
export function incompleteCheckpoints(files: Iterable<LogFile>): CheckpointFiles[] {
  return multiPart(files, false).sort((left, right) => left.version - right.version);
}

function multiPart(files: Iterable<LogFile>, areComplete: boolean): CheckpointFiles[] {
  const byName = new Map<string, { version: number; parts: number; present: Map<number, string> }>();
  for (const file of files) {
    if (file.kind !== "multiPartCheckpoint" || file.part < 1 || file.part > file.parts) continue;
    const { version, parts } = file;
    // Two writers may have cut the same version into different numbers of parts.
    const name = `${version}/${parts}`;
    const one = byName.get(name) ?? { version, parts, present: new Map<number, string>() };
    one.present.set(file.part, LOG_FOLDER + formatLogFileName(file));
    byName.set(name, one);
  }
  return [...byName.values()]
    .filter(({ parts, present }) => (present.size === parts) === areComplete)
    .map(({ version, present }) => ({
      version,
      kind: "multiPart",
      keys: [...present].sort(([left], [right]) => left - right).map(([, key]) => key),
    }));
}
