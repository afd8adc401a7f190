/** delta-rs and chdb read what the command line made, at every version, and the rows are those that Python finds in the inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNestedNulls } from "../support/canonical-rows.ts";
import { corporaMissing } from "../support/corpora.ts";
import { assertSameRows } from "../support/inputs-as-table.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import {
  corpusCsvTable,
  corpusTable,
  exampleTable,
  nastyTable,
  vehiclesTable,
  type IngestedTable,
} from "./ingested-tables.ts";

const skip = judgeMissing("delta-rs", "chdb", "inputs");
const corpora = skip || corporaMissing();

const TABLES: readonly {
  readonly what: string;
  readonly skip: string | false;
  readonly make: (folder: string) => Promise<IngestedTable>;
}[] = [
  { what: "vehicles with new columns, rescued and rejected records", skip, make: vehiclesTable },
  { what: "nasty keys, values and partitions", skip, make: nastyTable },
  {
    what: "GitHub events of the corpora",
    skip: corpora,
    make: (folder) => corpusTable(folder, "github_events.json"),
  },
  {
    what: "flights of the corpora",
    skip: corpora,
    make: (folder) => corpusTable(folder, "flights-20k.json"),
  },
  { what: "a station's CSV with quoted fields", skip, make: (folder) => exampleTable(folder, "station") },
  { what: "trips from Parquet", skip, make: (folder) => exampleTable(folder, "trips") },
  {
    what: "weather normals of the corpora, CSV",
    skip: corpora,
    make: (folder) => corpusCsvTable(folder, "seattle-weather-hourly-normals.csv"),
  },
  {
    what: "machine temperatures of the corpora, CSV",
    skip: corpora,
    make: (folder) => corpusCsvTable(folder, "machine_temperature_system_failure.csv"),
  },
];

for (const { what, skip: reason, make } of TABLES) {
  test(
    `${what}: delta-rs and chdb read every version, and the rows are those of the inputs`,
    { skip: reason },
    async (t) => {
      const made = await make(temporaryFolder(t));
      const deltaRs = startJudge("delta-rs", t);
      const chdb = startJudge("chdb", t);
      const inputs = startJudge("inputs", t);
      for (const version of made.versions) {
        const rows = await deltaRs.request({ op: "read", table: made.table, version });
        const types = Object.fromEntries(rows.schema.map(({ name, type }) => [name, type]));
        const others = await chdb.request({ op: "read", table: made.table, version, types });
        assert.deepEqual(
          withoutNestedNulls(others.rows, types),
          withoutNestedNulls(rows.rows, types),
          `version ${version}`,
        );
      }
      const latest = await deltaRs.request({ op: "read", table: made.table });
      const read = await inputs.request({
        op: "read",
        files: made.inputs,
        format: made.format,
        tagged: true,
      });
      const { renamed } = made;
      assertSameRows({
        inputs: read.rows,
        table: latest.rows,
        emptyIsNull: made.format === "csv",
        ...(renamed ? { renamed } : {}),
      });
    },
  );
}
