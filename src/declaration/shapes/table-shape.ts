import { z } from "zod";
import { option } from "../../formats/option.ts";
import { historyFault, locationFault, partitionFault } from "../value-faults.ts";
import { checked, named, size } from "./values.ts";

export const tableShape = z.strictObject({
  location: checked(locationFault).meta(
    option(
      "location",
      "The folder of the Delta table, made if it is missing. Relative to the declaration's folder.",
    ),
  ),
  partitionBy: z
    .array(checked(partitionFault))
    .default([])
    .meta(
      option(
        "list",
        "What a new table is partitioned by, outermost first: columns, or `date(at)`, `year(at)`, `month(at)`, `day(at)`, `hour(at)` of a date or time in `schema.timeZone`, which are columns of their own: `at_date`, or the name in `date(at) AS day`. An existing table keeps its own; another one is refused.",
      ),
    ),
  properties: z
    .record(named("a property's name"), z.string())
    .default({})
    .meta(
      option("map", 'Delta table properties of a new table; values are text: `delta.appendOnly: "true"`.'),
    ),
  autoCompact: z
    .boolean()
    .optional()
    .meta(
      option(
        "boolean",
        "Whether small data files are rewritten into larger ones between batches, in commits of their own that change no row. Left out: as the table's property `delta.autoOptimize.autoCompact` says, and without it not: the files that were rewritten stay on disk until a VACUUM, and other writers may be at work on them.",
      ),
    ),
  "autoCompact.minNumFiles": z
    .int()
    .min(2)
    .default(50)
    .meta(option("count", "With `autoCompact`: a partition is due with so many small files.")),
  "autoCompact.maxFileSize": size()
    .prefault("128m")
    .meta(
      option(
        "size",
        "With `autoCompact`: what small files become, at most; a file of less than half is small.",
      ),
    ),
  history: z
    .union([z.boolean(), checked(historyFault)], { error: "must be true, false or a folder" })
    .default(false)
    .meta(
      option(
        "boolean",
        "Whether what became of each file is published as a Delta table of its own, one row for each file of each batch. `true`: in `_landfall/<pipeline>/history` below the table, where readers of the table do not look; or the folder of that table, relative to the declaration's. Columns: docs/reference/history.md.",
      ),
    ),
});
