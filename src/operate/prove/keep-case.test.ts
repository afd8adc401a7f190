import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepCase, presenceOf, type HealedWorld, type KeptCase } from "./keep-case.ts";
import { OWN_DATA } from "./scratch-data.ts";
import { changeSource, EMPTY_HISTORY } from "./source-history.ts";

const line = (id: string): Buffer => Buffer.from(`{"id":"${id}"}\n`);

/** `a` lay there from the first, was overwritten twice and lies there still; `b` came and went. */
function world(folder: string, kind: HealedWorld["kind"]): HealedWorld {
  const source = join(folder, "pipeline/in");
  const before = changeSource(
    source,
    EMPTY_HISTORY,
    [{ kind: "write", key: "a", content: line("a1") }],
    OWN_DATA,
  );
  const history = changeSource(
    source,
    before,
    [
      { kind: "write", key: "a", content: line("a2") },
      { kind: "write", key: "b", content: line("b1") },
      { kind: "remove", key: "b" },
      { kind: "write", key: "a", content: line("a3") },
    ],
    OWN_DATA,
  );
  return { kind, history, before, settled: before };
}

function withFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "landfall-keep-case-"));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a generation is settled, lying or passing by when it lay there; before a baseline only where there is one", () => {
  withFolder((folder) => {
    for (const [kind, first] of [
      ["ignore", "settled"],
      ["append", "settled"],
      ["baseline", "baseline"],
    ] as const) {
      const healed = world(join(folder, kind), kind);
      const presences = [...healed.history.generations.values()]
        .flat()
        .map((written) => presenceOf(healed, written));
      assert.deepEqual(presences, [first, "passing", "lying", "passing"], kind);
    }
  });
});

test("a kept case holds the pipeline's folder and every content that ever lay in the source, also what is gone", () => {
  withFolder((folder) => {
    const pipeline = join(folder, "pipeline");
    mkdirSync(join(pipeline, "table"), { recursive: true });
    writeFileSync(join(pipeline, "table/part"), "rows");
    const own = join(folder, "kept/0001");
    keepCase({ folder: own, pipeline, kill: "somewhere", rows: "own", world: world(folder, "append") });
    const kept = JSON.parse(readFileSync(join(own, "case.json"), "utf8")) as KeptCase;
    assert.equal(kept.onOverwrite, "append");
    assert.equal(readFileSync(join(own, kept.table, "part"), "utf8"), "rows");
    assert.deepEqual(
      kept.files.map(({ key, content }) => [key, readFileSync(join(own, content), "utf8")]),
      [
        ["a", String(line("a1"))],
        ["a", String(line("a2"))],
        ["a", String(line("a3"))],
        ["b", String(line("b1"))],
      ],
    );
    assert.ok(existsSync(join(own, "pipeline/in/a")) && !existsSync(join(own, "pipeline/in/b")));
  });
});
