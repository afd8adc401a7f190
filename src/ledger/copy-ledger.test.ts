import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { copyLedger } from "./copy-ledger.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const SEEN = { key: "a.json", generation: "1-1", size: 1, modifiedNs: "1" };

for (const open of [false, true]) {
  test(`a copy of a ledger that ${open ? "somebody writes to" : "nobody has open"}: its content, and nothing beside it`, async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, "one"));
    const [from, to] = [join(folder, "one/ledger.db"), join(folder, "copy.db")];
    const ledger = await openSqliteLedger({ path: from });
    await ledger.observe([SEEN], 1);
    if (!open) await ledger.close();
    const before = readdirSync(join(folder, "one"));
    copyLedger({ from, to });
    assert.deepEqual(readdirSync(join(folder, "one")), before);
    const copy = await openSqliteLedger({ path: to });
    assert.equal((await copy.candidates(10))[0]?.key, "a.json");
    await copy.skip([{ ...SEEN, rule: "gone" }], 2);
    await copy.close();
    const original = open ? ledger : await openSqliteLedger({ path: from });
    assert.equal((await original.candidates(10)).length, 1);
    await original.close();
  });
}
