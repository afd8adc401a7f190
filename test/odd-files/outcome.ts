/** What becomes of an odd file, in one line of text that a person can judge. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Engine, StageRequest, StageResult } from "../../src/engine/engine.ts";
import type { StructType } from "../../src/schema/data-type.ts";
import { parseDdl } from "../../src/schema/ddl.ts";
import { formatDdl } from "../../src/schema/format-ddl.ts";
import { rowsOf, STAGE_LIMITS, stageRequest, writeFiles } from "../support/stage-files.ts";
import type { OddFile } from "./odd-file.ts";

/** Stages the file alone into a new table below `folder`. */
export async function outcomeOf(engine: Engine, folder: string, odd: OddFile): Promise<string> {
  const own = mkdtempSync(join(folder, "odd-"));
  try {
    const files = writeFiles(own, { [odd.file ?? "odd"]: odd.content });
    const result = await engine.stage(oddRequest(odd, own, files));
    const [file] = result.files;
    if (file!.outcome === "quarantined") return `quarantined: ${file!.reason!.replaceAll(own, "…")}`;
    const rejected = await reasonsOf(engine, result);
    const parts = [
      ...(await rowsText(engine, result, odd)),
      ...(rejected.length === 0 ? [] : [`rejected: ${rejected.join(", ")}`]),
    ];
    return parts.length === 0 ? "no rows" : parts.join(" · ");
  } finally {
    rmSync(own, { recursive: true });
  }
}

export function oddRequest(odd: OddFile, folder: string, files: StageRequest["files"]): StageRequest {
  const { maxRecordBytes = STAGE_LIMITS.maxRecordBytes, formats } = odd.options ?? {};
  const { format } = odd;
  const limits = { ...STAGE_LIMITS, maxRecordBytes };
  return stageRequest(folder, { format, files, limits, ...(formats === undefined ? {} : { formats }) });
}

async function rowsText(engine: Engine, result: StageResult, odd: OddFile): Promise<string[]> {
  if (result.dataFiles.length === 0) return [];
  return [textOfRows(odd, result.schema, await rowsOf(engine, result))];
}

/** Columns and rows, each of which is the text of a JSON object without its nulls, sorted. */
export function textOfRows(odd: OddFile, schema: StructType, rows: readonly string[]): string {
  const columns = schema.fields.filter((field) => field.name !== "_rescued_data");
  if (odd.showsLengths === true) {
    const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
    return `${rows.length} rows of ${columns.length} columns, at most ${longest} characters each`;
  }
  const ddl = formatDdl({ type: "struct", fields: columns });
  return [ddl === "" ? "no column" : ddl, rows.map(withoutPath).join(" ")].join(" · ");
}

/** The rescued column as data, without the path of a file that is gone. */
function withoutPath(row: string): string {
  const { _rescued_data: rescued, ...rest } = JSON.parse(row) as { _rescued_data?: string };
  const kept = JSON.stringify(rest);
  return rescued === undefined ? kept : `${kept} rescued ${rescued.replace(/,"_file_path":"[^"]*"\}$/, "}")}`;
}

async function reasonsOf(engine: Engine, result: StageResult): Promise<string[]> {
  if (result.rejects === undefined) return [];
  const { rows } = await engine.query({
    sql: "SELECT reason, count(*) FROM rejects GROUP BY ALL ORDER BY min(record), reason",
    tables: [
      {
        name: "rejects",
        schema: REJECTS,
        partitionColumns: [],
        files: [{ path: result.rejects.path, partitionValues: {} }],
      },
    ],
  });
  return rows.map(([reason, count]) =>
    count === "1" ? String(reason) : `${String(count)} times ${String(reason)}`,
  );
}

const REJECTS = parseDdl("record BIGINT, reason STRING");
