/** Takes rows out of a table's files, and puts others in: by deletion vectors, or by one writing of what is left of the files. */
import { bytesOf } from "../../base/bytes-of.ts";
import { countOfBits } from "../../delta/deletion-vector/roaring-format.ts";
import { writeDeletionVectors } from "../../delta/deletion-vector/write-deletion-vectors.ts";
import { columnsToRead, type FileToRead } from "../../delta/files-to-read.ts";
import type { Action, AddFile } from "../../delta/actions.ts";
import { removeOf } from "../../delta/remove-of.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { QueryTableFile, WriteRowsRequest, WrittenFile } from "../../engine/engine.ts";
import type { TableParts } from "../../table/table-access.ts";
import { removingWritten } from "../removing-written.ts";
import { stageRows, stageWritten } from "../stage-rows.ts";
import { fateOfFile, takesVectors } from "./file-fate.ts";
import type { FoundRows, TouchedFile } from "./find-rows.ts";
import { vectoredAdd } from "./vectored-add.ts";

/** SELECTs of the table's columns by their names, with the relations that they name. */
export interface RowsToWrite {
  readonly tables: WriteRowsRequest["tables"];
  readonly selects: readonly string[];
}

export interface TakeRowsOutOptions {
  readonly parts: TableParts;
  readonly state: TableState;
  readonly found: Pick<FoundRows, "whole" | "touched">;
  /** Rows that come in their place. Default: none. */
  readonly newRows?: RowsToWrite;
  /** More of them, which the engine has written as data files of the table. Default: none. */
  readonly newFiles?: readonly WrittenFile[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface TakenRows {
  readonly actions: readonly Action[];
  /** Storage keys of the files that were written. */
  readonly written: readonly string[];
  /** Rows that stand in other files than before, or are new. */
  readonly movesRows: boolean;
  /** In Spark's words. */
  readonly metrics: Readonly<Record<string, number>>;
}

interface FatedFile extends TouchedFile {
  /** All its deleted rows, as bits. */
  readonly deleted: Uint8Array;
  readonly cardinality: number;
}

/** The relation of what is left of the files that are written anew. */
const REST = "landfall rest";

/** @throws LandfallError as `stageRows`; what was written is removed then */
export async function takeRowsOut(options: TakeRowsOutOptions): Promise<TakenRows> {
  const { parts, state, found, now, signal, newRows = { tables: {}, selects: [] }, newFiles = [] } = options;
  const { storage } = parts;
  const fated = fatesOf(found.touched, takesVectors(state));
  const columns = columnsToRead(state);
  const rest = fated.rewrite.map(({ file, deleted }): QueryTableFile => ({ ...file, deleted }));
  const selects = [...newRows.selects, ...(rest.length === 0 ? [] : [`SELECT * FROM "${REST}"`])];
  const tables =
    rest.length === 0
      ? newRows.tables
      : { ...newRows.tables, [REST]: { ...columns, files: rest, isOnlyRead: true } };
  const sql = selects.join("\nUNION ALL\n");
  const keys: string[] = [];
  return removingWritten(storage, keys, async () => {
    const staged = await stageWritten({ parts, state, files: newFiles, now, signal });
    keys.push(...staged.keys);
    const written =
      selects.length === 0
        ? { adds: [], keys: [] }
        : await stageRows({ parts, state, tables, sql, now, signal });
    keys.push(...written.keys);
    const adds = [...staged.adds, ...written.adds];
    const vectors = fated.vector.map(({ deleted }) => deleted);
    const { descriptors, written: vectorKeys } = await writeDeletionVectors({ storage, vectors, now });
    const gone = [...found.whole, ...fated.remove.map(addOf), ...fated.rewrite.map(addOf)];
    const actions: Action[] = [
      ...[...gone, ...fated.vector.map(addOf)].map((add) => ({
        remove: removeOf(add, { now, dataChange: true }),
      })),
      ...fated.vector.map(({ add, rows }, i) => ({ add: vectoredAdd(add, rows, descriptors[i]!) })),
      ...adds.map((add) => ({ add })),
    ];
    const hadVector = fated.vector.filter(({ add }) => add.deletionVector !== undefined).length;
    return {
      actions,
      written: [...keys, ...vectorKeys],
      movesRows: adds.length > 0,
      metrics: {
        numRemovedFiles: gone.length,
        numRemovedBytes: bytesOf(gone),
        numAddedFiles: adds.length,
        numAddedBytes: bytesOf(adds),
        numCopiedRows: sum(fated.rewrite.map(({ rows, cardinality }) => rows - cardinality)),
        numDeletionVectorsAdded: fated.vector.length,
        numDeletionVectorsUpdated: hadVector,
        numDeletionVectorsRemoved:
          hadVector + gone.filter(({ deletionVector }) => deletionVector !== undefined).length,
      },
    };
  });
}

function fatesOf(
  touched: readonly TouchedFile[],
  mayHaveVectors: boolean,
): Readonly<Record<"remove" | "vector" | "rewrite", readonly FatedFile[]>> {
  const fates = { remove: [] as FatedFile[], vector: [] as FatedFile[], rewrite: [] as FatedFile[] };
  for (const one of touched) {
    const deleted = bothOf(one.matched, one.file.deleted);
    const cardinality = countOfBits(deleted);
    const fate = fateOfFile({ rows: one.rows, deleted: cardinality, takesVectors: mayHaveVectors });
    fates[fate].push({ ...one, deleted, cardinality });
  }
  return fates;
}

function bothOf(matched: Uint8Array, before: FileToRead["deleted"]): Uint8Array {
  if (before === undefined) return matched;
  const both = Uint8Array.from(matched);
  for (const [i, byte] of before.entries()) both[i]! |= byte;
  return both;
}

function addOf({ add }: TouchedFile): AddFile {
  return add;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
