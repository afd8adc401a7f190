/** What becomes of an odd file, in one line of text that a person can judge. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Engine, StageResult } from "../../src/engine/engine.ts";
import { parseDdl } from "../../src/schema/ddl.ts";
import { formatDdl } from "../../src/schema/format-ddl.ts";
import { rowsOf, STAGE_LIMITS, stageRequest, writeFiles } from "../support/stage-files.ts";
import type { OddFile } from "./odd-file.ts";

/** Stages the file alone into a new table below `folder`. */
export async function outcomeOf(engine: Engine, folder: string, odd: OddFile): Promise<string> {
  const own = mkdtempSync(join(folder, "odd-"));
  try {
    const { maxRecordBytes = STAGE_LIMITS.maxRecordBytes, formats } = odd.options ?? {};
    const request = stageRequest(own, {
      format: odd.format,
      files: writeFiles(own, { [odd.file ?? "odd"]: odd.content }),
      limits: { ...STAGE_LIMITS, maxRecordBytes },
      ...(formats === undefined ? {} : { formats }),
    });
    const result = await engine.stage(request);
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

async function rowsText(engine: Engine, result: StageResult, odd: OddFile): Promise<string[]> {
  if (result.dataFiles.length === 0) return [];
  const rows = await rowsOf(engine, result);
  const columns = result.schema.fields.filter((field) => field.name !== "_rescued_data");
  if (odd.showsLengths === true) {
    const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
    return [`${rows.length} rows of ${columns.length} columns, at most ${longest} characters each`];
  }
  const ddl = formatDdl({ type: "struct", fields: columns });
  return [ddl === "" ? "no column" : ddl, rows.map(withoutPath).join(" ")];
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
