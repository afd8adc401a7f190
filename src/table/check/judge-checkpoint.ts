/** Whether a checkpoint holds what the log before it makes (PROTOCOL.md, "Checkpoints"): both are read, and compared action by action. */
import { createHash } from "node:crypto";
import { compareText } from "../../base/compare-text.ts";
import { stringifyJson, type JsonValue } from "../../base/lossless-json.ts";
import type { AddFile } from "../../delta/actions.ts";
import type { CheckpointFiles } from "../../delta/checkpoint-files.ts";
import { CheckpointUnusable } from "../../delta/checkpoint-unusable.ts";
import { localRoot } from "../../delta/locate-file.ts";
import { candidateSegments, type LogSegment } from "../../delta/log-segment.ts";
import { listLog } from "../../delta/log-storage.ts";
import { fileKey, replayFiles } from "../../delta/snapshot.ts";
import { readState, type TableState } from "../../delta/table-state.ts";
import type { TableParts } from "../table-access.ts";
import type { CheckFinding } from "./finding.ts";

export interface JudgeCheckpointOptions {
  readonly parts: Pick<TableParts, "storage" | "parquet">;
  /** The newest checkpoint up to this version is looked at. */
  readonly version: number;
  readonly onFinding: (finding: CheckFinding) => void;
  readonly signal: AbortSignal;
}

/**
 * The version of the checkpoint that was compared; undefined where there is none, or where the commits before it have been cleaned up, so
 * that there is nothing to compare it with. About 100 bytes of memory a live file.
 */
export async function judgeCheckpoint(options: JudgeCheckpointOptions): Promise<number | undefined> {
  const { parts, signal, onFinding } = options;
  const listing = await listLog({ storage: parts.storage, signal });
  const checkpoint = listing.checkpoints.findLast(({ version }) => version <= options.version);
  if (checkpoint === undefined) return undefined;
  const { version } = checkpoint;
  const file = checkpoint.keys[0]!;
  const rest = { ...listing, compactions: [], checkpoints: others(listing.checkpoints, checkpoint) };
  const differs = (message: string): void =>
    onFinding({ code: "CHECKPOINT_DIFFERS", file, version, message });
  let stated: Content;
  try {
    stated = await contentOf({ version, checkpoint }, options);
  } catch (error) {
    if (!(error instanceof CheckpointUnusable)) throw error;
    onFinding({ code: "CHECKPOINT_UNREADABLE", file, version, message: `${error.message}.` });
    return undefined;
  }
  for (const segment of candidateSegments(rest, version)) {
    try {
      compareContents(stated, await contentOf(segment, options), differs);
      return version;
    } catch (error) {
      // An older one that is damaged is no measure; the next way to the version may serve.
      if (!(error instanceof CheckpointUnusable)) throw error;
    }
  }
  return undefined;
}

/** Of the same version there may be several, and one written from another proves nothing. */
function others(checkpoints: readonly CheckpointFiles[], { version }: CheckpointFiles): CheckpointFiles[] {
  return checkpoints.filter((other) => other.version < version);
}

interface Content {
  readonly state: TableState;
  /** A digest of each live file, by `fileKey`. */
  readonly adds: ReadonlyMap<string, string>;
  readonly removes: ReadonlySet<string>;
}

/** @throws CheckpointUnusable */
async function contentOf(
  segment: LogSegment,
  { parts, signal }: Pick<JudgeCheckpointOptions, "parts" | "signal">,
): Promise<Content> {
  const reading = { ...parts, version: segment.version, signal };
  const state = await readState(reading, segment);
  const root = localRoot(parts.storage);
  const adds = new Map<string, string>();
  const removes = new Set<string>();
  for await (const action of replayFiles({ ...reading, segment, schema: state.schema })) {
    if ("add" in action) adds.set(fileKey(action.add, root), digestOf(action.add));
    else removes.add(fileKey(action.remove, root));
  }
  return { state, adds, removes };
}

/** Statistics may be written anew from columns, and a checkpoint changes no data. */
function digestOf(add: AddFile): string {
  const { path: _path, dataChange: _change, stats: _stats, tags: _tags, ...rest } = add;
  return createHash("sha1").update(canonicalJson(rest)).digest("base64");
}

function canonicalJson(value: unknown): string {
  return stringifyJson(sorted(value as JsonValue));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** Tombstones that expired may be left out of a checkpoint; none that no commit made may be in it. */
function compareContents(stated: Content, replayed: Content, differs: (message: string) => void): void {
  for (const [key, digest] of replayed.adds) {
    const found = stated.adds.get(key);
    if (found === undefined)
      differs(`The commits have the file ${nameOf(key)}; the checkpoint lacks it: its rows are lost.`);
    else if (found !== digest)
      differs(`The checkpoint says other things of the file ${nameOf(key)} than the commits.`);
  }
  for (const key of stated.adds.keys()) {
    if (!replayed.adds.has(key))
      differs(`The checkpoint has the file ${nameOf(key)}, which is not live by the commits.`);
  }
  for (const key of stated.removes) {
    if (!replayed.removes.has(key))
      differs(`The checkpoint has a tombstone of the file ${nameOf(key)}, which no commit removed.`);
  }
  const one = stated.state;
  const other = replayed.state;
  if (protocolText(one) !== protocolText(other))
    differs("The checkpoint has another protocol than the commits.");
  if (metadataText(one) !== metadataText(other))
    differs("The checkpoint has other metadata than the commits.");
  compareEach("the transaction of", one.txns, other.txns, differs);
  compareEach("the domain", one.domainMetadata, other.domainMetadata, differs);
}

/** Features are a set: Delta Spark writes them down in another order each time. */
function protocolText({ protocol }: TableState): string {
  const { readerFeatures, writerFeatures, ...versions } = protocol;
  const inOrder = (features: readonly string[] | undefined): readonly string[] | undefined =>
    features === undefined ? undefined : [...features].sort(compareText);
  return canonicalJson({
    ...versions,
    readerFeatures: inOrder(readerFeatures),
    writerFeatures: inOrder(writerFeatures),
  });
}

/** A schema may be spaced otherwise. */
function metadataText({ metadata, schema }: TableState): string {
  return canonicalJson({ ...metadata, schemaString: schema });
}

function compareEach(
  what: string,
  stated: ReadonlyMap<string, object>,
  replayed: ReadonlyMap<string, object>,
  differs: (message: string) => void,
): void {
  for (const name of new Set([...stated.keys(), ...replayed.keys()])) {
    const [one, other] = [stated.get(name), replayed.get(name)];
    if (one === undefined || other === undefined)
      differs(`${one === undefined ? "The checkpoint lacks" : "Only the checkpoint has"} ${what} ${name}.`);
    else if (canonicalJson(one) !== canonicalJson(other))
      differs(`The checkpoint says other things of ${what} ${name} than the commits.`);
  }
}

/** The path of a file's key, without its deletion vector. */
function nameOf(key: string): string {
  return key.split("\0", 1)[0]!;
}
