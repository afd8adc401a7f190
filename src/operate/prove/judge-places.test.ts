import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Arrival } from "../../ledger/ledger.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { judgePlaces } from "./judge-places.ts";
import type { SourceHistory, WrittenGeneration } from "./source-history.ts";

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** One file archived, one quarantined, one skipped; and the world in which each lies where it should. */
function world(folder: string): { readonly ask: () => string } {
  const written = (key: string, text: string): WrittenGeneration => {
    return { key, generation: "1-1", ids: [], brokenLines: 0, damaged: false, content: Buffer.from(text) };
  };
  const all = [written("sub/a", "1"), written("bad", "2"), written("old", "3")];
  const states = ["archived", "quarantined", "skipped"] as const;
  const arrivals = all.map(({ key, generation }, i) => ({ key, generation, state: states[i]! }) as Arrival);
  const history: SourceHistory = {
    generations: new Map(all.map((each) => [each.key, [each]])),
    lying: new Map(all.map((each) => [each.key, each])),
  };
  put(join(folder, "archive/2026/sub/a"), "1");
  put(join(folder, "quarantine/bad"), "2");
  put(join(folder, "quarantine/bad.reason.json"), '{"reason":"torn"}');
  put(join(folder, "in/old"), "3");
  return { ask: () => judgePlaces({ folder, history, arrivals }).join("; ") };
}

const PLANTED: Readonly<Record<string, readonly [plant: (folder: string) => void, found: RegExp]>> = {
  "an archived file is gone": [
    (at) => rmSync(join(at, "archive/2026/sub/a")),
    /sub\/a .* not in the archive/,
  ],
  "an archived file has other bytes": [(at) => put(join(at, "archive/2026/sub/a"), "x"), /should not be/],
  "an archived file lies there twice": [
    (at) => put(join(at, "archive/2026/1-1/sub/a"), "1"),
    /should not be/,
  ],
  "an archived file lies in the source too": [(at) => put(join(at, "in/sub/a"), "1"), /lies in the source/],
  "a skipped file is gone": [(at) => rmSync(join(at, "in/old")), /is not there any more/],
  "a file lies in the source that nobody put there": [
    (at) => put(join(at, "in/x"), "1"),
    /nobody put it there/,
  ],
  "a file is still held": [(at) => put(join(at, "in/.landfall/held/p/1/x"), "1"), /holding folder/],
  "a quarantined file has no reason": [
    (at) => rmSync(join(at, "quarantine/bad.reason.json")),
    /without its reason/,
  ],
  "a reason has no file": [
    (at) => renameSync(join(at, "quarantine/bad"), join(at, "archive/bad")),
    /without its file/,
  ],
};

test("files that lie where they should are no fault", (t) => {
  assert.equal(world(temporaryFolder(t)).ask(), "");
});

for (const [what, [plant, found]] of Object.entries(PLANTED)) {
  test(`${what}: it is found`, (t) => {
    const folder = temporaryFolder(t);
    const { ask } = world(folder);
    plant(folder);
    assert.match(ask(), found);
  });
}
