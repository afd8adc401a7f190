/**
 * Tables of the corpora at every version that their logs still give: the rows are those that delta-rs reads, and at the newest those that
 * chdb reads. Where one of them reads something else or nothing, it stands in a list with the reason.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { isLandfallError, messageOf } from "../../src/base/landfall-error.ts";
import { withoutNestedNulls, type CanonicalRow } from "../support/canonical-rows.ts";
import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { judgeMissing, startJudge, type Judge, type JudgeRequest } from "../support/judge.ts";
import { readByLibrary, type LibraryRead } from "../support/read-by-library.ts";
import { tableOfEngine } from "../support/table-of-engine.ts";
import { tally } from "../support/tally.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const skip = judgeMissing("delta-rs", "chdb") || corporaMissing();
const folder = join(corporaFolder(), "delta");
/** More rows than these are left to the test of the newest version (test/tables/delta-rows.test.ts). */
const MOST_ROWS = 5000;
/** Versions of one table: the first, the last, and some between them. */
const MOST_VERSIONS = 12;

describe("tables of the corpora, at every version", { skip }, () => {
  const engine = testEngine();
  const scratchFolder = temporaryFolder({ after });
  const outcomes = tally();
  let deltaRs: Judge;
  let chdb: Judge;
  before(() => {
    [deltaRs, chdb] = [startJudge("delta-rs"), startJudge("chdb")];
  });
  after(() => Promise.all([deltaRs, chdb].map((judge) => judge.close())));

  for (const name of readableTables()) {
    test(name, async () => {
      const location = join(folder, name);
      const table = tableOfEngine({ table: location, engine, scratchFolder });
      const newest = await table.snapshot();
      if ((await newest.count()) > MOST_ROWS) return;
      for (const version of someVersions(newest.version)) {
        const ours = await readOrRefusal(table, version);
        if (typeof ours === "string") {
          assert.notEqual(version, newest.version);
          outcomes.count("landfall refuses an older version", ours);
          continue;
        }
        const theirs = await rowsOf(deltaRs, { op: "read", table: location, version });
        outcomes.count("delta-rs", compareWith("delta-rs", { name, version, ours, theirs }));
      }
      const ours = await readByLibrary(table);
      const types = Object.fromEntries(ours.fields.map((field) => [field.name, field.type]));
      const theirs = await rowsOf(chdb, { op: "read", table: location, types });
      outcomes.count("chdb", compareWith("chdb", { name, version: newest.version, ours, theirs }));
    });
  }

  test("most versions could be compared", (t) => {
    for (const line of outcomes.lines()) t.diagnostic(line);
    assert.ok(outcomes.of("delta-rs") >= 300, `${outcomes.of("delta-rs")} versions`);
  });
});

function readableTables(): string[] {
  const lines = readFileSync(join(import.meta.dirname, "../tables/delta-rows.tsv"), "utf8")
    .trimEnd()
    .split("\n");
  return lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.split("\t"))
    .filter(([, , answer]) => / rows/.test(answer!))
    .map(([name]) => name!);
}

function someVersions(newest: number): number[] {
  const step = Math.max(1, newest / (MOST_VERSIONS - 1));
  const chosen = new Set<number>();
  for (let at = 0; at < newest; at += step) chosen.add(Math.floor(at));
  return [...chosen, newest];
}

/** Why an older version cannot be read: its log or its files are gone or lie elsewhere, or it had no columns yet. */
async function readOrRefusal(
  table: ReturnType<typeof tableOfEngine>,
  version: number,
): Promise<LibraryRead | string> {
  try {
    return await readByLibrary(table, { version });
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    if (["TABLE_VERSION_MISSING", "OBJECT_MISSING", "TABLE_FILE_OUTSIDE"].includes(error.code))
      return error.code;
    if (/ has no columns/.test(error.message)) return "it had no columns";
    throw error;
  }
}

type Theirs = { readonly rows: readonly CanonicalRow[] } | { readonly refused: string };

async function rowsOf(judge: Judge, request: JudgeRequest): Promise<Theirs> {
  try {
    return { rows: (await judge.request(request)).rows };
  } catch (error) {
    return { refused: messageOf(error).replaceAll(String(request["table"]), "the table") };
  }
}

function compareWith(
  judge: "delta-rs" | "chdb",
  of: {
    readonly name: string;
    readonly version: number;
    readonly ours: LibraryRead;
    readonly theirs: Theirs;
  },
): string {
  const { name, version, ours, theirs } = of;
  if ("refused" in theirs) return `refuses: ${theirs.refused}`;
  const types = Object.fromEntries(ours.fields.map((field) => [field.name, field.type]));
  const plain = (rows: readonly CanonicalRow[]): readonly CanonicalRow[] =>
    judge === "chdb" ? withoutNestedNulls(rows, types) : rows;
  const reason = READ_OTHERWISE[judge]?.[name];
  if (reason !== undefined) {
    assert.notDeepEqual(
      plain(theirs.rows),
      plain(ours.rows),
      `${name}, version ${version}, is read alike now`,
    );
    return `reads otherwise: ${reason}`;
  }
  assert.deepEqual(plain(theirs.rows), plain(ours.rows), `${name}, version ${version}`);
  return "alike";
}

/** By judge and table: why its rows are not ours. */
const READ_OTHERWISE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "delta-rs": Object.fromEntries(
    [
      "more/delta-rs/spark-variant-checkpoint",
      "more/kernel-java/spark-variant-checkpoint",
      "more/kernel-rs-data-x/unshredded-variant",
    ].map((name) => [name, "a variant as the bytes of its file"]),
  ),
};
