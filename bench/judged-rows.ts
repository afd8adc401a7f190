/** What it costs when a few records are bad, and when every row is held against rules. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bench, type BenchOptions, documentOf, expectCount, freshTable, scaled } from "./bench.ts";
import { cleanRows, kept, warm } from "./data.ts";
import { ingestContender } from "./ingest-contender.ts";
import { landfall } from "./paths.ts";
import { type Contender, race, timeAgainst } from "./race.ts";

const ROWS = 2_000_000;
const FILES = 20;
/** One of so many records is broken off in its middle. */
const BAD_ONE_IN = 1000;

export const badRows: Bench = {
  name: "bad-rows",
  run: async (options) => {
    const rows = scaled(options, ROWS, FILES * BAD_ONE_IN);
    const clean = await cleanRows(options.cache, rows, FILES);
    const bad = await brokenRows(options.cache, rows);
    await warm(clean);
    await warm(bad);
    const rejected = rows / BAD_ONE_IN;
    const [badRun, cleanRun] = await race(
      [
        ingestContender(options, {
          name: "landfall, bad rows",
          source: bad,
          rows: rows - rejected,
          rejected,
        }),
        ingestContender(options, { name: "landfall, clean", source: clean, rows }),
      ],
      options,
    );
    return {
      name: "bad-rows",
      work: `${rows.toLocaleString("en")} rows of nested NDJSON in ${FILES} files, one of ${BAD_ONE_IN.toLocaleString("en")} records in each of them broken, against the same files whole.`,
      figures: [timeAgainst("time", badRun!, { ...cleanRun!, name: "clean" }, 1.6)],
      stages: documentOf(badRun!.typical, { code: 1 }).stages,
      notes: [
        "Each broken record is rejected, kept with its place and its text, and counted, or the bench fails.",
      ],
    };
  },
};

const RULES = {
  has_id: "id IS NOT NULL AND length(id) = 16",
  known_event: "event IN ('INSERT', 'MODIFY', 'REMOVE')",
  plausible_speed: "kph BETWEEN 0 AND 300",
  position_on_earth: "pos.lat BETWEEN -90 AND 90 AND pos.lon BETWEEN -180 AND 180",
  charged: "battery.soc >= 0 AND battery.soc <= 100 AND battery.volt > 0",
};

export const expectations: Bench = {
  name: "expect",
  run: async (options) => {
    const rows = scaled(options, ROWS, FILES);
    const source = await cleanRows(options.cache, rows, FILES);
    await warm(source);
    const [judged, plain] = await race(
      [await declared(options, source, rows, RULES), await declared(options, source, rows, {})],
      options,
    );
    return {
      name: "expect",
      work: `${rows.toLocaleString("en")} rows of nested NDJSON in ${FILES} files with ${Object.keys(RULES).length} rules under \`expect\`, against the same without.`,
      figures: [timeAgainst("time", judged!, { ...plain!, name: "no rules" }, 1.15)],
      stages: documentOf(judged!.typical, { code: 0 }).stages,
      notes: ["Every row holds every rule; rows that break one are read once more."],
    };
  },
};

async function declared(
  options: BenchOptions,
  source: string,
  rows: number,
  expect: Readonly<Record<string, string>>,
): Promise<Contender> {
  const table = freshTable(options, "landfall");
  const name = Object.keys(expect).length > 0 ? "landfall, rules" : "landfall, no rules";
  const file = join(options.work, `${name.replaceAll(/\W+/g, "-")}.yaml`);
  const declaration = { source: { location: source }, expect, table: { location: table.path } };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(declaration));
  return {
    name,
    command: landfall("run", file, "--json"),
    before: table.empty,
    check: (run) => expectCount("rows written", documentOf(run, { code: 0 }).rows.written, rows),
  };
}

/** The clean files with the end of some lines cut off. */
async function brokenRows(cache: string, rows: number): Promise<string> {
  const clean = await cleanRows(cache, rows, FILES);
  return kept(cache, `rows-${rows}-broken`, async (folder) => {
    for (const name of await readdir(clean)) {
      const lines = (await readFile(join(clean, name), "utf8")).split("\n");
      for (let i = 0; i < lines.length - 1; i += BAD_ONE_IN)
        lines[i] = lines[i]!.slice(0, lines[i]!.length / 2);
      await writeFile(join(folder, name), lines.join("\n"));
    }
  });
}
