import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Arrival } from "../../ledger/ledger.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { judgePlaces } from "./judge-places.ts";
import { EMPTY_HISTORY, type SourceHistory, type WrittenGeneration } from "./source-history.ts";

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

interface Judged {
  /** What is wrong, when this is what lay there at an earlier rest, and this is what lay there at the end. */
  readonly ask: (settled?: SourceHistory, lying?: SourceHistory["lying"]) => string;
  readonly history: SourceHistory;
}

/** One file archived, one quarantined, one skipped; and the world in which each lies where it should. */
function world(folder: string): Judged {
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
  return {
    ask: (settled = EMPTY_HISTORY, lying = history.lying) => {
      const world = {
        kind: "archive",
        history: { ...history, lying },
        before: EMPTY_HISTORY,
        settled,
      } as const;
      return judgePlaces({ folder, world, arrivals }).join("; ");
    },
    history,
  };
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

test("a quarantined file that somebody removed around the kill need not be set aside; one of an earlier rest must", (t) => {
  const folder = temporaryFolder(t);
  const { ask, history } = world(folder);
  rmSync(join(folder, "quarantine"), { recursive: true });
  const left = new Map([...history.lying].filter(([key]) => key !== "bad"));
  assert.match(ask(), /bad .* not in the quarantine folder/);
  assert.equal(ask(EMPTY_HISTORY, left), "");
  assert.match(ask(history, left), /bad .* not in the quarantine folder/);
});
