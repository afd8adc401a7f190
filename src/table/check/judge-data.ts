/** Reads every row of the data files: are they whole, and is true what the log states of them? */
import { isLandfallError } from "../../base/landfall-error.ts";
import type { AddFile } from "../../delta/actions.ts";
import { columnsToRead, filesToRead, type FileToRead } from "../../delta/files-to-read.ts";
import { indexedColumns } from "../../delta/indexed-columns.ts";
import type { TableState } from "../../delta/table-state.ts";
import { findTableColumn } from "../../schema/find-table-column.ts";
import type { TableParts } from "../table-access.ts";
import type { CheckFinding } from "./finding.ts";
import { judgeStatistics, type JudgedColumn } from "./judge-statistics.ts";
import { measureFiles } from "./measure-files.ts";

export interface JudgeDataOptions {
  readonly parts: Pick<TableParts, "storage" | "engine" | "allowOutside">;
  readonly state: TableState;
  /** Live files that are there. */
  readonly adds: readonly AddFile[];
  readonly onFinding: (finding: CheckFinding) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Files whose vectors are held at once. */
const AT_ONCE = 256;

const VECTOR_FAULTS = ["TABLE_DATA_CORRUPT", "OBJECT_MISSING"] as const;

/** Answers how many files and rows, without deleted ones, were read. */
export async function judgeData(
  options: JudgeDataOptions,
): Promise<{ readonly files: number; readonly rows: number }> {
  const { parts, state, adds, onFinding, signal } = options;
  const columns = columnsToRead(state);
  const leaves = judgedColumns(state, columns);
  const { version } = state;
  const total = { files: 0, rows: 0 };
  for (let start = 0; start < adds.length; start += AT_ONCE) {
    const files = await readable(options, adds.slice(start, start + AT_ONCE));
    for await (const read of measureFiles({ engine: parts.engine, columns, leaves, files, signal })) {
      const { add } = read.file;
      const found = { version, file: add.path };
      if ("error" in read) {
        const message = read.error.message.replace("The query failed: ", "");
        onFinding({ ...found, code: "FILE_UNREADABLE", message: `The file cannot be read: ${message}` });
        continue;
      }
      total.files += 1;
      total.rows += read.measured.rows;
      for (const fault of judgeStatistics({ add, measured: read.measured, columns: leaves }))
        onFinding({ ...found, ...fault });
    }
  }
  return total;
}

type Readable = FileToRead & { readonly add: AddFile };

/** With their vectors; those whose vector is damaged are left out and told. */
async function readable(options: JudgeDataOptions, adds: readonly AddFile[]): Promise<Readable[]> {
  const { parts, state, onFinding, signal } = options;
  const columns = columnsToRead(state);
  const reading = { ...parts, columns, ...(signal === undefined ? {} : { signal }) };
  try {
    const files = await filesToRead({ ...reading, adds });
    return files.map((file, i) => ({ ...file, add: adds[i]! }));
  } catch (error) {
    if (!isLandfallError(error) || !VECTOR_FAULTS.some((code) => isLandfallError(error, code))) throw error;
    const [add] = adds;
    if (adds.length === 1) {
      const code = add!.deletionVector === undefined ? "FILE_UNREADABLE" : "VECTOR_DAMAGED";
      onFinding({ code, file: add!.path, version: state.version, message: error.message });
      return [];
    }
    const alone = [];
    for (const one of adds) alone.push(...(await readable(options, [one])));
    return alone;
  }
}

/** Every column whose values compare, whether or not the table's properties ask for its statistics: others may have written them. */
function judgedColumns(
  state: TableState,
  { columnMapping }: Pick<ReturnType<typeof columnsToRead>, "columnMapping">,
): JudgedColumn[] {
  const { schema, partitionColumns } = state;
  const leaves = indexedColumns({
    schema,
    partitionColumns,
    configuration: { "delta.dataSkippingNumIndexedCols": "-1" },
  });
  return leaves.flatMap(({ path, type }) => {
    if (type === "variant" || type === "void") return [];
    const column = findTableColumn({ schema, partitionColumns, columnMapping }, path);
    return column === undefined ? [] : [{ path, type, column }];
  });
}
