import assert from "node:assert/strict";
import { test } from "node:test";
import { datedFolder, namesIn, placementOf } from "./tidy-places.ts";

const STAGED = { stagedAt: "2026-03-09T07:30:00.000Z" };
const AT = Date.parse(STAGED.stagedAt);

test("date parts are those of the batch, in UTC", () => {
  assert.equal(datedFolder("/done/{yyyy}/{MM}/{dd}/h={HH}", STAGED.stagedAt), "/done/2026/03/09/h=07");
  assert.equal(datedFolder("/done", STAGED.stagedAt), "/done");
});

test("files stay unless the policy for their kind says more, and until they are due", () => {
  const archive = { kind: "move", to: "/ü/{yyyy}", afterMs: 1000 } as const;
  assert.deepEqual(placementOf({ archive }, "committed", STAGED), {
    action: "archive",
    folder: "/%C3%BC/2026",
    dueAt: AT + 1000,
  });
  assert.equal(placementOf({ archive }, "quarantined", STAGED), undefined);
  const quarantine = { to: "/bad" };
  assert.deepEqual(placementOf({ quarantine }, "quarantined", STAGED), {
    action: "quarantine",
    folder: "/bad",
    dueAt: AT,
  });
  assert.equal(placementOf({ quarantine }, "committed", STAGED), undefined);
  assert.deepEqual(placementOf({ archive: { kind: "delete", afterMs: 5 } }, "committed", STAGED), {
    action: "delete",
    folder: undefined,
    dueAt: AT + 5,
  });
});

test("a name that is taken leaves the folder of the generation", () => {
  const names = namesIn("/done", { key: "sub/a.json", generation: "5-17" });
  assert.deepEqual(names, ["/done/sub/a.json", "/done/5-17/sub/a.json"]);
});
