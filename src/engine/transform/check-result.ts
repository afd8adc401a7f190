/** What a transform gives must go into the table whole: there is no column for what would not. */
import { LandfallError } from "../../base/landfall-error.ts";
import { formatCount } from "../../base/units.ts";
import { nullableField } from "../../schema/data-type.ts";
import { formatDdl } from "../../schema/format-ddl.ts";
import { keyPathText } from "../../schema/key-path.ts";
import type { StageRequest, StageResult } from "../engine.ts";
import { ownColumns } from "../own-columns.ts";
import type { Applied, ResultColumn } from "./apply-select.ts";
import { invalidTransform, titleOf, type BatchTransform } from "./batch-transform.ts";

type Request = StageRequest & { readonly transform: BatchTransform };

/** @throws LandfallError TRANSFORM_INVALID for a column that Landfall computes */
export function checkResultNames(request: Request, columns: readonly ResultColumn[]): void {
  const own = ownColumns({ ...request, provenance: [], partitionColumns: [], rescuedDataColumn: undefined });
  const computed = new Set(own.map(({ field }) => field.name.toLowerCase()));
  const taken = columns.find(({ name }) => computed.has(name.toLowerCase()));
  if (taken === undefined) return;
  throw invalidTransform(
    request.transform,
    `gives the column ${taken.name}, which Landfall computes itself (table.partitionBy)`,
    {
      hint: "Nothing was committed. Leave it out of the SELECT, or partition by the column itself.",
    },
  );
}

/** @throws LandfallError TRANSFORM_INVALID, TRANSFORM_FAILED where something would be left out */
export function checkResultFits({ transform }: Request, applied: Applied, table: StageResult): void {
  const [file] = table.files;
  if (file?.outcome === "quarantined")
    throw invalidTransform(transform, `gives what a table cannot hold: ${file.reason ?? "damaged"}`);
  const rows = file?.ignored ?? 0;
  const keys = table.ignored ?? [];
  if (rows === 0 && keys.length === 0) return;
  const misfits = keys.map(({ path }) => {
    const given = applied.columns.find(
      ({ name }) => keyPathText([name]).toLowerCase() === path.toLowerCase(),
    );
    const field = table.schema.fields.find(({ name }) => name.toLowerCase() === given?.name.toLowerCase());
    const stands =
      field === undefined
        ? "none"
        : formatDdl({ type: "struct", fields: [nullableField("c", field.type)] }).slice(2);
    return `${path} (the table has ${stands}, the transform gives ${given?.type ?? "another type"})`;
  });
  throw new LandfallError("TRANSFORM_FAILED", {
    message: `${titleOf(transform)} gives ${formatCount(rows)} ${rows === 1 ? "row" : "rows"} with values that the table's columns do not hold: ${misfits.join(", ")}.`,
    hint: "Nothing was committed. CAST the column to the table's type, or give it another name.",
  });
}
