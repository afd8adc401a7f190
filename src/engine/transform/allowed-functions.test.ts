import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { testEngine } from "../../../test/support/test-engine.ts";
import { isAllowedFunction, TRANSFORM_FUNCTIONS } from "./allowed-functions.ts";

const engine = testEngine();

/** `unnest` is known to the engine as what stands in FROM; `error` must not be computed before its row is there. */
const BY_HAND: readonly string[] = ["unnest", "error"];

const names = Object.values(TRANSFORM_FUNCTIONS).flatMap((list) => list.split(/\s+/));

test("every function that a transform may call is one of the engine's, and answers the same whenever it is asked", async () => {
  const { rows } = await engine.query({
    sql: `SELECT function_name, function_type, coalesce(stability, 'CONSISTENT') FROM duckdb_functions()`,
    tables: [],
    limit: 100_000,
  });
  const known = new Map<string, string[]>();
  for (const [name, kind, stability] of rows as string[][])
    known.set(name!, [...(known.get(name!) ?? []), `${kind} ${stability}`]);
  const wrong = names
    .filter((name) => !BY_HAND.includes(name))
    .filter((name) => {
      const found = known.get(name) ?? ["unknown"];
      return !found.every((kind) => /^(?:scalar|aggregate|macro|window) CONSISTENT$/.test(kind));
    });
  assert.deepEqual(wrong, []);
  assert.equal(new Set(names).size, names.length);
});

test("the reference lists exactly the functions that a transform may call", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/reference/transform.md"), "utf8");
  const table = page.slice(page.indexOf("## Functions"), page.indexOf("## Types"));
  const listed = [...table.matchAll(/^\| (?:.*?) \| (.*) \|$/gm)].flatMap(([, cell]) =>
    [...cell!.replaceAll("\\|", "¦").matchAll(/`([^`]+)`/g)].map(([, name]) => name!.replaceAll("¦", "|")),
  );
  assert.deepEqual(
    listed.filter((name) => !isAllowedFunction(name)),
    [],
  );
  assert.deepEqual(
    names.filter((name) => !listed.includes(name)),
    [],
  );
});
