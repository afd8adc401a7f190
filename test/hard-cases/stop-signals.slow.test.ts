/** Ctrl-C and its kin: the first stops cleanly, the second at once, and neither loses anything. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt, idsOf, ingestEnds, place } from "../support/hard-case.ts";

for (const { signal, code } of [
  { signal: "SIGINT", code: 130 },
  { signal: "SIGTERM", code: 143 },
] as const) {
  for (const point of [
    "discover.observed:1",
    "plan.after:1",
    "stage.read:1",
    "stage.after:1",
    "settle.after:1",
  ]) {
    test(`${signal} at ${point} ends with ${code}, and the next run finishes`, async (t) => {
      const { folder, source, table } = place(t);
      arrive(join(source, "a.json"), lines({ id: 1 }));
      arrive(join(source, "b.json"), lines({ id: 2 }));
      const args = ["ingest", source, table, "--max-files-per-trigger", "1"];
      const held = await holdAt(t, { point, args, folder });
      held.child.kill(signal);
      held.release();
      const end = await held.ended;
      assert.equal(end.code, code, end.stdout + end.stderr);
      assert.match(end.stderr, /once more stops at once/);
      await ingestEnds([source, table], { code: 0 });
      assert.deepEqual(await idsOf(table), ["1", "2"]);
    });
  }
}

test("a second Ctrl-C stops at once, and the next run heals", async (t) => {
  const { folder, source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1 }));
  const held = await holdAt(t, { point: "stage.after:1", args: ["ingest", source, table], folder });
  held.child.kill("SIGINT");
  held.child.kill("SIGTERM");
  held.release();
  const end = await held.ended;
  assert.ok(end.code === 130 || end.code === 143, end.stderr);
  await ingestEnds([source, table], { code: 0 });
  assert.deepEqual(await idsOf(table), ["1"]);
});
