/** docs/reference/json-output.md names the fields that the commands print, and the exit codes are those of exit-codes.md. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/reference/json-output.md"), "utf8");

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-json-"));
  land(join(folder, "in"), { "a.json": '{"id":1}\n{"id":2}\n', "bad.json": "{broken\n" });
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program as a person does, in a folder that is not the repository's. */
async function landfall(...argv: readonly string[]): Promise<{
  readonly code: number | null;
  readonly document: Record<string, unknown>;
}> {
  const run = await runLandfall([...argv, "--json"], { cwd: folder });
  assert.match(run.stdout, /^\{.*\}\n$/, `${argv.join(" ")}: ${run.stderr}`);
  // A log that shows stderr alone tells why it did not end with 0.
  if (run.code === 1) assert.match(run.stderr, /^exit code 1: \S.*$/m, argv.join(" "));
  else assert.doesNotMatch(run.stderr, /^exit code 1/m, argv.join(" "));
  return { code: run.code, document: JSON.parse(run.stdout) as Record<string, unknown> };
}

/** The fields at the top of a command's document, as its section of the page names them. */
function documented(heading: string): string[] {
  const start = PAGE.indexOf(`\n## ${heading}\n`);
  assert.ok(start >= 0, `no section ${heading}`);
  const section = PAGE.slice(start + 1).split("\n## ")[0]!;
  const first = section
    .match(/^\|([^|]*)\|/gm)!
    .slice(2)
    .join(" ");
  return [...first.matchAll(/`([^`]+)`/g)].map((match) => match[1]!).filter((name) => !/[.[]/.test(name));
}

function check(heading: string, document: Record<string, unknown>, absent: readonly string[] = []): void {
  assert.equal(document["schemaVersion"], 1);
  const printed = Object.keys(document).filter((name) => name !== "schemaVersion");
  const expected = documented(heading).filter((name) => !absent.includes(name));
  assert.deepEqual(printed.sort(), expected.sort(), heading);
}

test("every command prints the document that the page describes", async () => {
  const ingest = await landfall("ingest", "in", "table");
  assert.equal(ingest.code, 1, "a row was rejected");
  check("`ingest`, `run`", ingest.document, ["transform", "fullRefresh"]);
  const checked = await landfall("ingest", "in", "table", "--dry-run");
  assert.equal(checked.code, 0);
  check("`check`, `ingest --dry-run`, `run --dry-run`", checked.document, ["problems"]);
  const begun = await landfall("init", "in", "--out", "begun.yaml");
  assert.equal(begun.code, 0);
  check("`init`", begun.document, ["pathGlobFilter", "partitionBy"]);
  const transformed = await landfall("ingest", "in", "other", "--transform", "SELECT id FROM batch");
  check("`ingest`, `run`", transformed.document, ["fullRefresh"]);
  const status = await landfall("status", "table");
  assert.equal(status.code, 0);
  check("`status`", status.document);
  check("`files list`", (await landfall("files", "list", "table")).document);
  const shown = await landfall("files", "show", "table", "in/a.json");
  assert.equal(shown.code, 0);
  check("`files show`", shown.document, ["alike", "keys"]);
  check("`files rejected`", (await landfall("files", "rejected", "table")).document);
  writeFileSync(join(folder, "in", "dead.json"), Buffer.from([0x1f, 0x8b, 1, 1]));
  utimesSync(join(folder, "in", "dead.json"), new Date(0), new Date(0));
  await landfall("ingest", "in", "table");
  check("`files retry`, `files forget`", (await landfall("files", "retry", "table", "dead.json")).document);
  writeFileSync(join(folder, "adopt.yaml"), "source: { location: in }\ntable: { location: adopted }\n");
  writeFileSync(join(folder, "list.csv"), "path,size\na.json,18\n");
  const adopted = await landfall("files", "adopt", "adopt.yaml", "list.csv");
  check("`files adopt`", adopted.document);
  const refreshed = await landfall("run", "adopt.yaml", "--full-refresh", "--yes");
  assert.equal(refreshed.code, 1, "the quarantined file is read anew, and is as broken as before");
  cpSync(join(folder, "in"), join(folder, "moved"), { recursive: true });
  const relocated = await landfall("files", "relocate", "adopted", "--from", "in", "--to", "moved");
  check("`files relocate`", relocated.document, ["archive"]);
  const unknown = await landfall("files", "show", "table", "bda.json");
  assert.equal(unknown.code, 1);
  check("`files show`", unknown.document, ["alike", "files", "lies"]);
  check("`table show`", (await landfall("table", "show", "table")).document, [
    "name",
    "description",
    "checkpoint",
  ]);
  check("`table history`", (await landfall("table", "history", "table")).document);
  check("`table schema`", (await landfall("table", "schema", "table", "--history")).document);
  check("`table query`", (await landfall("table", "query", "table", "SELECT 1 AS one")).document);
  const changes = await landfall("table", "changes", "table", "--from", "0", "--without-feed");
  check("`table changes`", changes.document);
  const asked = await landfall("query", "table", "SELECT count(*) FROM files");
  check("`query`", asked.document, ["tables"]);
  const unasked = await landfall("query", "table");
  check("`query`", unasked.document, ["columns", "rows", "truncated", "rebuilt"]);
  const verify = await landfall("verify", "table");
  assert.equal(verify.code, 0);
  check("`verify`", verify.document);
  rmSync(join(folder, "table", "_delta_log", "00000000000000000000.json"));
  const faulty = await landfall("verify", "table");
  assert.equal(faulty.code, 1);
  check("`verify`", faulty.document, ["version"]);
});

test("a mistake prints one document with the error, and its exit code", async () => {
  for (const argv of [
    ["status", "nowhere"],
    ["files", "list", "in", "--in", "quarantine"],
    ["files", "list", "in", "--limit", "none"],
    ["verify", "nowhere"],
    ["table", "show", "nowhere"],
  ]) {
    const { code, document } = await landfall(...argv);
    assert.equal(code, 2, argv.join(" "));
    const error = document["error"] as { readonly message: string; readonly hint: string };
    assert.ok(error.message.length > 0 && error.hint.length > 0);
  }
});
