/**
 * Whether a blind append that lost its version may be tried on the next (Delta Spark's ConflictChecker, for an append that reads
 * nothing). One winner at a time, in the order of versions; the caller rebases after each.
 */
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { ArrayType, DataType, MapType, StructType } from "../schema/data-type.ts";
import type { Action, Metadata, Protocol } from "./actions.ts";
import { checkWritable } from "./features.ts";
import { parseSchemaString } from "./schema-json.ts";

export interface AppendToRebase {
  /** The application whose `txn` we write. */
  readonly appId?: string;
  /** The table's protocol and metadata that the append was made for. */
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly changesMetadata: boolean;
  readonly changesProtocol: boolean;
}

export type AppendConflict =
  /** Try again on the next version, with these; where `metadata` is there, the rows' schema must be checked against it again. */
  | { readonly kind: "rebase"; readonly protocol?: Protocol; readonly metadata?: Metadata }
  | {
      readonly kind: "conflict";
      /**
       * fenced: our application has committed meanwhile. replan: read the table anew and make the append again. metadata: the table
       * no longer fits what was written. unsupported: the table now needs a feature that we do not have.
       */
      readonly reason: "fenced" | "replan" | "metadata" | "unsupported";
      /** Delta's name of the conflict. */
      readonly name:
        | "ConcurrentTransactionException"
        | "MetadataChangedException"
        | "ProtocolChangedException";
      readonly message: string;
    };

type Conflict = Extract<AppendConflict, { kind: "conflict" }>;

/** Decides from one winning commit. Winners that only add or remove files never stand in a blind append's way. */
export function checkAppendConflict(options: {
  readonly ours: AppendToRebase;
  readonly winner: readonly Action[];
}): AppendConflict {
  const { ours, winner } = options;
  const protocol = winner.flatMap((action) => ("protocol" in action ? [action.protocol] : []))[0];
  const metadata = winner.flatMap((action) => ("metaData" in action ? [action.metaData] : []))[0];
  return (
    // First, since it says that there may be nothing left to do, whatever else the winner changed.
    fencedBy(ours, winner) ??
    protocolConflict(ours, { protocol, metadata }) ??
    metadataConflict(ours, metadata) ?? {
      kind: "rebase",
      ...(protocol === undefined ? {} : { protocol }),
      ...(metadata === undefined ? {} : { metadata }),
    }
  );
}

function fencedBy(ours: AppendToRebase, winner: readonly Action[]): Conflict | undefined {
  if (ours.appId === undefined) return undefined;
  for (const action of winner) {
    if (!("txn" in action) || action.txn.appId !== ours.appId) continue;
    return {
      kind: "conflict",
      reason: "fenced",
      name: "ConcurrentTransactionException",
      message: `Another writer has committed transaction ${action.txn.version} of ${ours.appId}.`,
    };
  }
  return undefined;
}

function protocolConflict(
  ours: AppendToRebase,
  winner: { readonly protocol: Protocol | undefined; readonly metadata: Metadata | undefined },
): Conflict | undefined {
  const name = "ProtocolChangedException";
  if (winner.protocol === undefined && winner.metadata === undefined) return undefined;
  if (winner.protocol !== undefined && ours.changesProtocol) {
    return {
      kind: "conflict",
      reason: "replan",
      name,
      message: "Another writer has changed the table's protocol as well.",
    };
  }
  try {
    // New metadata alone can put a feature to use that the protocol allowed before.
    checkWritable({
      protocol: winner.protocol ?? ours.protocol,
      metadata: winner.metadata ?? ours.metadata,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    const changed = winner.protocol === undefined ? "MetadataChangedException" : name;
    return { kind: "conflict", reason: "unsupported", name: changed, message: messageOf(error) };
  }
}

function metadataConflict(ours: AppendToRebase, winner: Metadata | undefined): Conflict | undefined {
  if (winner === undefined) return undefined;
  const conflict = (reason: "replan" | "metadata", message: string): Conflict => ({
    kind: "conflict",
    reason,
    name: "MetadataChangedException",
    message,
  });
  if (ours.changesMetadata)
    return conflict("replan", "Another writer has changed the table's metadata as well.");
  const base = ours.metadata;
  if (winner.id !== base.id) return conflict("metadata", "Another writer has replaced the table.");
  if (!sameList(winner.partitionColumns, base.partitionColumns)) {
    return conflict("metadata", "Another writer has changed the table's partitioning.");
  }
  const misfit = misfitOf(parseSchemaString(base.schemaString), parseSchemaString(winner.schemaString), []);
  return misfit === undefined
    ? undefined
    : conflict("metadata", `Another writer has changed the schema: ${misfit}.`);
}

/** Why rows written for the one type do not fit the other; undefined when they do: every field is there as it was, new ones are nullable. */
function misfitOf(base: DataType, next: DataType, path: readonly string[]): string | undefined {
  if (typeof base === "string" || typeof next === "string" || base.type !== next.type) {
    return base === next ? undefined : `${placeOf(path)} has another type`;
  }
  if (base.type === "struct") return structMisfit(base, next as StructType, path);
  if (base.type === "array") {
    const array = next as ArrayType;
    if (base.containsNull && !array.containsNull) return `${placeOf(path)} no longer takes nulls`;
    return misfitOf(base.elementType, array.elementType, [...path, "element"]);
  }
  const map = next as MapType;
  if (base.valueContainsNull && !map.valueContainsNull) return `${placeOf(path)} no longer takes nulls`;
  return (
    misfitOf(base.keyType, map.keyType, [...path, "key"]) ??
    misfitOf(base.valueType, map.valueType, [...path, "value"])
  );
}

function structMisfit(base: StructType, next: StructType, path: readonly string[]): string | undefined {
  const nextFields = new Map(next.fields.map((field) => [field.name, field]));
  for (const field of base.fields) {
    const here = [...path, field.name];
    const match = nextFields.get(field.name);
    if (match === undefined) return `${placeOf(here)} is gone`;
    if (field.nullable && !match.nullable) return `${placeOf(here)} no longer takes nulls`;
    const misfit = misfitOf(field.type, match.type, here);
    if (misfit !== undefined) return misfit;
    nextFields.delete(field.name);
  }
  for (const added of nextFields.values()) {
    if (!added.nullable) return `${placeOf([...path, added.name])} is new and takes no nulls`;
  }
  return undefined;
}

function placeOf(path: readonly string[]): string {
  return path.length === 0 ? "the schema" : `the column ${path.join(".")}`;
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
