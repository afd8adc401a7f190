/** Files that vanish, grow or change between the plan and the end of the read bring no row of that generation, and are not lost. */
import assert from "node:assert/strict";
import { appendFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt, idsOf, ingestEnds, place } from "../support/hard-case.ts";

const MOVES: readonly {
  readonly name: string;
  readonly move: (path: string) => void;
  /** After the next run. */
  readonly ids: readonly string[];
}[] = [
  { name: "vanishes", move: (path) => rmSync(path), ids: ["1"] },
  { name: "grows", move: (path) => appendFileSync(path, lines({ id: 3 })), ids: ["1", "2", "3"] },
  { name: "is overwritten", move: (path) => arrive(path, lines({ id: 4 })), ids: ["1", "4"] },
  { name: "becomes empty", move: (path) => arrive(path, ""), ids: ["1"] },
];

for (const point of ["plan.after:1", "stage.read:1"]) {
  for (const { name, move, ids } of MOVES) {
    test(`a file that ${name} at ${point} is read as what it is then, once`, async (t) => {
      const { folder, source, table } = place(t);
      arrive(join(source, "a.json"), lines({ id: 1 }));
      arrive(join(source, "b.json"), lines({ id: 2 }));
      const held = await holdAt(t, { point, args: ["ingest", source, table], folder });
      move(join(source, "b.json"));
      held.release();
      const end = await held.ended;
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stdout, /b\.json {2}gone: the file/);
      assert.deepEqual(await idsOf(table), ["1"]);
      await ingestEnds([source, table], { code: 0 });
      assert.deepEqual(await idsOf(table), ids);
    });
  }
}

test("an older generation in the source after a newer one was seen does not starve a run with batches of one file", async (t) => {
  const { folder, source, table } = place(t);
  arrive(join(source, "older.json"), lines({ id: 0 }));
  arrive(join(source, "b.json"), lines({ id: 2 }));
  const args = ["ingest", source, table, "--max-files-per-trigger", "1"];
  const held = await holdAt(t, { point: "discover.observed:1", args, folder });
  held.child.kill("SIGKILL");
  await held.ended;
  // As `cp -p` of a backup does: another generation whose modification is older than that of the one before.
  arriveAt(join(source, "b.json"), lines({ id: 1 }), 1_000_000);
  await ingestEnds(args.slice(1), { code: 0 });
  assert.deepEqual(await idsOf(table), ["0", "1"]);
});

function arriveAt(path: string, content: string, seconds: number): void {
  arrive(path, content);
  utimesSync(path, seconds, seconds);
}
