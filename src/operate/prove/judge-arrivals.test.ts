/** The oracle has to be able to say no: each wrong state is seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arrival, ArrivalCounts } from "../../ledger/ledger.ts";
import { judgeArrivals } from "./judge-arrivals.ts";
import type { SourceHistory, WrittenGeneration } from "./source-history.ts";

function written(
  generation: string,
  content: string,
  more: Partial<WrittenGeneration> = {},
): WrittenGeneration {
  const ids = content.split(" ");
  return {
    key: "a",
    generation,
    ids,
    brokenLines: 0,
    damaged: false,
    content: Buffer.from(content),
    ...more,
  };
}

function history(...generations: WrittenGeneration[]): SourceHistory {
  return { generations: new Map([["a", generations]]), lying: new Map([["a", generations.at(-1)!]]) };
}

function arrival(generation: string, more: Partial<Arrival>): Arrival {
  return {
    key: "a",
    generation,
    state: "committed",
    size: 1,
    modifiedNs: "1",
    discoveredAt: 1,
    vacated: false,
    ...more,
  };
}

const outcome = (rows: number): ArrivalCounts => ({
  bytes: 1,
  crc32: 1,
  read: rows,
  written: rows,
  rescued: 0,
  rejected: 0,
});
const nothing: SourceHistory = { generations: new Map(), lying: new Map() };
const judge = (
  world: SourceHistory,
  arrivals: readonly Arrival[],
  more: Partial<Parameters<typeof judgeArrivals>[0]> = {},
): string => judgeArrivals({ kind: "ignore", history: world, before: nothing, arrivals, ...more }).join("; ");

const ONE = history(written("1", "r1 r2"));
const TWO = history(written("1", "r1 r2"), written("2", "r1 r2 r3"));

for (const { name, fault, verdict } of [
  { name: "unknown", fault: judge(ONE, []), verdict: /ledger does not know it/ },
  { name: "left open", fault: judge(ONE, [arrival("1", { state: "claimed" })]), verdict: /left claimed/ },
  { name: "counted short", fault: judge(ONE, [arrival("1", { outcome: outcome(1) })]), verdict: /1 read/ },
  {
    name: "sound and quarantined",
    fault: judge(ONE, [arrival("1", { state: "quarantined" })]),
    verdict: /is sound/,
  },
  {
    name: "damaged and committed",
    fault: judge(history(written("1", "r1", { damaged: true })), [arrival("1", { outcome: outcome(1) })]),
    verdict: /is damaged/,
  },
  {
    name: "there and gone",
    fault: judge(ONE, [arrival("1", { state: "skipped", rule: "gone" })]),
    verdict: /counts as gone/,
  },
  {
    name: "skipped without a standing generation",
    fault: judge(ONE, [arrival("1", { state: "skipped", rule: "overwritten" })]),
    verdict: /no other generation/,
  },
  {
    name: "skipped by the wrong rule",
    fault: judge(TWO, [
      arrival("1", { outcome: outcome(2) }),
      arrival("2", { state: "skipped", rule: "touched" }),
    ]),
    verdict: /touched, which it is not/,
  },
  {
    name: "skipped under append",
    fault: judge(
      TWO,
      [arrival("1", { outcome: outcome(2) }), arrival("2", { state: "skipped", rule: "grown" })],
      { kind: "append" },
    ),
    verdict: /under onOverwrite: append/,
  },
  {
    name: "baseline that arrived later",
    fault: judge(ONE, [arrival("1", { state: "skipped", rule: "baseline" })], { kind: "baseline" }),
    verdict: /arrived later/,
  },
  {
    name: "never arrived",
    fault: judge(ONE, [arrival("1", { outcome: outcome(2) }), arrival("9", { outcome: outcome(2) })]),
    verdict: /never arrived/,
  },
]) {
  test(`a generation that is ${name} is a fault`, () => assert.match(fault, verdict));
}

test("a generation that grew after its commit may be skipped as grown, and one that lies there no more may be unknown", () => {
  assert.equal(
    judge(TWO, [arrival("1", { outcome: outcome(2) }), arrival("2", { state: "skipped", rule: "grown" })]),
    "",
  );
  assert.equal(judge(TWO, [arrival("2", { outcome: outcome(3) })]), "");
});
