/** The rows of scanned files under a schema: what goes to the engine as it lies there, and what is brought into shape for it. */
import { rm } from "node:fs/promises";
import type { StructType } from "../schema/data-type.ts";
import { compileTarget, type TargetNode } from "../schema/fit.ts";
import { widenColumns, type ColumnWidening } from "../schema/widen-columns.ts";
import { widenForNumbers } from "../schema/widen-for-numbers.ts";
import type { WidenedColumn } from "./engine.ts";
import { keyInLines, type OwnColumn } from "./own-columns.ts";
import { prepareFiles, type Prepared, type PrepareOptions } from "./prepare-files.ts";
import { readSchemaOf } from "./project.ts";
import { routeFiles, type Routes, type ScannedBatch } from "./route-files.ts";
import type { StageContext } from "./stage-text.ts";
import { fixedColumns, tellWidened, widenableTable } from "./widened-columns.ts";

export interface ShapedRows {
  readonly schema: StructType;
  readonly target: TargetNode;
  readonly routes: Routes;
  readonly preparing: PrepareOptions;
  readonly prepared: Prepared;
  /** Columns of the table that are wider in `schema` than they were. */
  readonly widened: readonly WidenedColumn[];
}

interface ShapeRows extends Pick<PrepareOptions, "request" | "inputs" | "limits" | "mark"> {
  readonly schema: StructType;
  readonly own: readonly OwnColumn[];
  readonly scanned: ScannedBatch;
  /** What must hold before files are prepared. */
  readonly check: (routes: Routes, preparing: PrepareOptions) => Promise<void>;
}

/**
 * Where columns may get wider, what they are to hold is known when the records that do not fit have been looked at one by one: such files are
 * then shaped a second time, for the wider types. No other batch is.
 */
export async function shapeRows(context: StageContext, options: ShapeRows): Promise<ShapedRows> {
  const { request, own, schema } = options;
  const table = widenableTable(request);
  const shaped = await shapeOnce(context, { ...options, learnsMisfits: table !== undefined });
  if (table === undefined) return shaped;
  const { misfitNumbers } = shaped.prepared;
  const fixed = fixedColumns(request, own);
  const { prefersDecimal } = request;
  const widenings = widenForNumbers({ table, numbers: misfitNumbers, fixed, prefersDecimal });
  if (widenings.length === 0) return shaped;
  const { outputs, rejects } = shaped.prepared;
  for (const path of [...outputs, ...rejects]) await rm(path, { force: true });
  const wide = await shapeOnce(context, {
    ...options,
    schema: widenColumns(schema, widenings),
    prefix: "widened",
  });
  const fileOf = (key: ColumnWidening["key"]): string | undefined => {
    const ranks = misfitNumbers.flatMap(({ path, rank }) =>
      JSON.stringify(path) === JSON.stringify(key) ? [rank] : [],
    );
    return request.files[Math.min(...ranks)]?.key;
  };
  return { ...wide, widened: tellWidened(widenings, fileOf) };
}

async function shapeOnce(
  context: StageContext,
  options: ShapeRows & Pick<PrepareOptions, "prefix" | "learnsMisfits">,
): Promise<ShapedRows> {
  const { request, inputs, limits, mark, own, schema, scanned, check, prefix, learnsMisfits } = options;
  const target = compileTarget({
    schema: readSchemaOf(schema),
    notFromData: own.map(({ field }) => field.name),
    ignoresCase: !request.readerCaseSensitive,
  });
  const routes = routeFiles({ scanned, target, format: request.format, marksAll: mark !== undefined });
  const preparing: PrepareOptions = {
    request,
    target,
    inputs,
    limits,
    mark,
    rescuedColumn: keyInLines("rescued", own, schema),
    corruptColumn: keyInLines("corrupt", own, schema),
    ...(prefix === undefined ? {} : { prefix }),
    ...(learnsMisfits === undefined ? {} : { learnsMisfits }),
  };
  await check(routes, preparing);
  const prepared = await prepareFiles(routes.toPrepare, context, preparing);
  return { schema, target, routes, preparing, prepared, widened: [] };
}
