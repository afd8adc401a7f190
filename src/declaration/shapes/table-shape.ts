import { z } from "zod";
import { option } from "../../formats/option.ts";
import { locationFault, partitionFault } from "../value-faults.ts";
import { checked, named } from "./values.ts";

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
});
