import assert from "node:assert/strict";
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { uuidv7 } from "../base/uuid.ts";
import { localSource } from "../sources/local-source.ts";
import type { IngestEvent } from "./events.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { markersOf } from "./tidy-markers.ts";

/** `d/a.json` has just left the source; what lies there besides is said. */
async function tidied(
  t: TestContext,
  options: { readonly there: readonly string[]; readonly deletes?: boolean },
): Promise<{ readonly lies: (path: string) => boolean; readonly events: readonly IngestEvent[] }> {
  const root = realpathSync(temporaryFolder(t));
  const source = localSource({ root: join(root, "in"), marker: { kind: "suffix", suffix: ".done" } });
  mkdirSync(join(root, "in/d"), { recursive: true });
  for (const name of options.there) writeFileSync(join(root, "in", name), "");
  const holding = source.holdingFolder!("p");
  const events: IngestEvent[] = [];
  const context = { newId: uuidv7, emit: (event: IngestEvent) => events.push(event) };
  const held = { key: "d/a.json", number: 1, batchId: uuidv7(), path: "/gone" };
  const folder = options.deletes === true ? undefined : join(root, "out");
  const action = options.deletes === true ? ("delete" as const) : ("archive" as const);
  const placement = { action, folder, dueAt: 0 };
  await markersOf(context as unknown as PipelineContext, { source, holding })!([{ held, placement }]);
  assert.deepEqual(await holding.held(), []);
  return { lies: (path) => existsSync(join(root, path)), events };
}

test("the marker goes where its file went, or is deleted with it", async (t) => {
  const moved = await tidied(t, { there: ["d/a.json.done", "d/b.json", "d/b.json.done"] });
  assert.deepEqual(
    ["out/d/a.json.done", "in/d/a.json.done", "in/d/b.json.done", "out/d/b.json.done"].map(moved.lies),
    [true, false, true, false],
  );
  const deleted = await tidied(t, { there: ["d/a.json.done"], deletes: true });
  assert.deepEqual(["in/d/a.json.done", "out"].map(deleted.lies), [false, false]);
  assert.deepEqual([...moved.events, ...deleted.events], []);
});

test("where a file has come under the name again the marker stays, since it may be that one's", async (t) => {
  const { lies, events } = await tidied(t, { there: ["d/a.json", "d/a.json.done"] });
  assert.deepEqual(["in/d/a.json.done", "out"].map(lies), [true, false]);
  assert.deepEqual(events, []);
});

test("without a marker there is nothing to do", async (t) => {
  const { lies, events } = await tidied(t, { there: [] });
  assert.deepEqual([lies("out"), events], [false, []]);
});
