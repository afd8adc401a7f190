import { z } from "zod";
import { option } from "../../formats/option.ts";
import { readDdl, readHints } from "../../schema/ddl.ts";
import { EVOLUTION_MODES } from "../../schema/evolution-mode.ts";
import { readProvenance } from "../../schema/provenance.ts";
import { timeZoneFault } from "../value-faults.ts";
import { checked, ddl, named } from "./values.ts";

function provenanceColumn() {
  return z.string().transform((text, context) => {
    const result = readProvenance(text);
    if (result.ok) return result.value;
    const { message, suggestion } = result;
    context.addIssue({ code: "custom", message, params: { suggestion } });
    return z.NEVER;
  });
}

export const schemaShape = z.strictObject({
  columns: ddl(readDdl)
    .optional()
    .meta(
      option(
        "ddl",
        "The explicit schema as Spark DDL, such as `id BIGINT, at TIMESTAMP`. Keys that it does not name become no columns; those that it names and the table lacks are added.",
      ),
    ),
  hints: ddl(readHints)
    .optional()
    .meta(
      option(
        "ddl",
        "Types of some columns where the others are inferred, as DDL with dotted paths: `at TIMESTAMP, a.b INT, tags.element STRING`. `element` means an array's elements; `key` and `value` mean a map's where the table, another hint (`m MAP<STRING, STRING>`) or a Parquet or Avro file has a map there, and are fields otherwise.",
      ),
    ),
  timeZone: checked(timeZoneFault)
    .default("UTC")
    .meta(option("text", "What a time without zone means: an IANA name such as `Europe/Berlin`.")),
  rescuedDataColumn: named("a column name")
    .optional()
    .meta(
      option(
        "text",
        "The column that keeps, as JSON, the values that fit no column. Left out: `_rescued_data`, and none with `evolutionMode: none`.",
      ),
    ),
  evolutionMode: z
    .enum(EVOLUTION_MODES)
    .optional()
    .meta(
      option(
        "choice",
        "What happens to a new key: `addNewColumns`, the rule unless `columns` are given, adds a column for it; `addNewColumnsWithTypeWidening` does so, too, and gives a column of the table a wider type where a number or a time does not fit the one that it has (which raises the table's protocol, with `delta.enableTypeWidening`); `rescue`, the rule with `columns`, keeps it in the rescued-data column; `failOnNewColumns` fails the batch and names it; `none` leaves it out and counts the rows. A new table takes the keys of its first batch in every mode.",
      ),
    ),
  provenance: z
    .array(provenanceColumn())
    .default([])
    .meta(
      option(
        "list",
        "Columns that tell where a row came from: any of `file_path`, `file_name`, `file_size`, `file_modification_time`, `record_number` (from 1 in its file), `ingest_time`, `batch_id`; `file_path AS source_file` names the column. A key of the data of that name is rescued.",
      ),
    ),
  prefersDecimal: z
    .boolean()
    .default(false)
    .meta(
      option(
        "boolean",
        "Whether numbers with a fraction, or beyond 64 bits, become DECIMAL with as many digits as the first batch that has them shows (up to 38) instead of DOUBLE or STRING. A later number with more digits is rescued: give a wide DECIMAL in `hints` where amounts grow.",
      ),
    ),
  readerCaseSensitive: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "Whether a key that differs from a column's name by case only is another key, which is rescued. With `false` it goes into the column; where a record has both, the one spelt like the column does.",
      ),
    ),
});
