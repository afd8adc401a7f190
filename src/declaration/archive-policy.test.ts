import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "../base/lossless-json.ts";
import { literalFolderOf } from "./archive-policy.ts";
import { checkDeclaration } from "./check-declaration.ts";
import { findOverlaps } from "./find-overlaps.ts";

const DAY = 86_400_000;

function check(sections: Record<string, Record<string, JsonValue>>) {
  const { source, ...rest } = sections;
  const value = { source: { location: "in", ...source }, table: { location: "table" }, ...rest };
  return checkDeclaration({ value, baseFolder: "/base" });
}

function policyOf(sections: Record<string, Record<string, JsonValue>>): unknown {
  const checked = check(sections);
  assert.ok(checked.ok, JSON.stringify(checked));
  return checked.pipeline.archive;
}

function mistakesOf(sections: Record<string, Record<string, JsonValue>>): string[] {
  const checked = check(sections);
  return checked.ok ? [] : checked.mistakes.map(({ message }) => message);
}

test("files stay unless something else is said", () => {
  assert.equal(policyOf({}), undefined);
  assert.equal(policyOf({ archive: { delete: false } }), undefined);
  assert.equal(policyOf({ source: { cleanSource: "OFF" } }), undefined);
});

test("archive moves at once and deletes after 30 days, unless it says when", () => {
  assert.deepEqual(policyOf({ archive: { to: "done/{yyyy}/{MM}/" } }), {
    kind: "move",
    to: "/base/done/{yyyy}/{MM}",
    afterMs: 0,
  });
  assert.deepEqual(policyOf({ archive: { to: "/done", after: "7d" } }), {
    kind: "move",
    to: "/done",
    afterMs: 7 * DAY,
  });
  assert.deepEqual(policyOf({ archive: { delete: true } }), { kind: "delete", afterMs: 30 * DAY });
  assert.deepEqual(policyOf({ archive: { delete: true, after: "1h" } }), {
    kind: "delete",
    afterMs: DAY / 24,
  });
});

test("Auto Loader's names mean the same, with its defaults", () => {
  const move = { cleanSource: "MOVE", "cleanSource.moveDestination": "../done" };
  assert.deepEqual(policyOf({ source: move }), { kind: "move", to: "/done", afterMs: 30 * DAY });
  const retention = { "cleanSource.retentionDuration": "8 days" };
  assert.deepEqual(policyOf({ source: { ...move, ...retention } }), {
    kind: "move",
    to: "/done",
    afterMs: 8 * DAY,
  });
  assert.deepEqual(policyOf({ source: { cleanSource: "DELETE" } }), { kind: "delete", afterMs: 30 * DAY });
});

test("what contradicts itself is refused, each with its option", () => {
  const cases: [Record<string, Record<string, JsonValue>>, RegExp][] = [
    [{ archive: { to: "a", delete: true } }, /archive\.delete: true and archive\.to/],
    [{ archive: { after: "7d" } }, /nothing says what becomes/],
    [{ archive: { to: "a" }, source: { cleanSource: "OFF" } }, /the same thing twice/],
    [{ source: { cleanSource: "MOVE" } }, /needs cleanSource\.moveDestination/],
    [{ source: { "cleanSource.moveDestination": "a" } }, /is not MOVE/],
    [{ source: { "cleanSource.retentionDuration": "7d" } }, /does not say what becomes/],
    [{ source: { cleanSource: "DELETE", "cleanSource.retentionDuration": "7d" } }, /more than 7 days/],
    [{ source: { "cleanSource.waitForCompletion": true } }, /is no option here/],
    [{ archive: { to: "a/{yy}" } }, /archive\.to holds \{yy\}, which is no date part/],
    [{ archive: { to: "{yyyy}" } }, /begins with a date part/],
    [{ archive: { to: "a", after: "soon" } }, /must be a duration/],
    [{ quarantine: { to: "q/{yyyy}" } }, /only archive\.to has date parts/],
    [{ quarantine: { to: "s3://bucket/q" } }, /does not support/],
  ];
  for (const [sections, expected] of cases) {
    const mistakes = mistakesOf(sections);
    assert.equal(mistakes.length, 1, JSON.stringify([sections, mistakes]));
    assert.match(mistakes[0]!, expected);
  }
});

test("the part of an archive's folder without date parts is what must lie apart", () => {
  assert.equal(literalFolderOf("/a/b"), "/a/b");
  assert.equal(literalFolderOf("/a/b/{yyyy}/{MM}"), "/a/b");
  assert.equal(literalFolderOf("/a/b-{yyyy}/c"), "/a");
  assert.equal(literalFolderOf("/{yyyy}"), "/");
});

test("archive and quarantine folder lie outside source and table, and are two", () => {
  const places = { source: "/d/in", table: "/d/table" };
  const messages = (more: { archive?: string; quarantine?: string }): string[] =>
    findOverlaps({ ...places, ...more }).map(({ message }) => message);
  assert.deepEqual(messages({ archive: "/d/done", quarantine: "/d/done/bad" }), []);
  assert.match(messages({ archive: "/d/in/done" })[0]!, /archive \/d\/in\/done lies inside the source/);
  assert.match(messages({ quarantine: "/d/in" })[0]!, /the source and the quarantine folder are the same/);
  assert.match(messages({ archive: "/d/table/_old" })[0]!, /a vacuum would remove/);
  assert.equal(messages({ archive: "/d" }).length, 2);
  assert.match(messages({ archive: "/d/x", quarantine: "/d/x" })[0]!, /are the same folder, \/d\/x/);
});
