/** A test's folder in which, before it goes, every commit that we made is judged against the protocol's text. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Action, AddFile, DomainMetadata, SetTransaction } from "../../src/delta/actions.ts";
import { decodeAddPath } from "../../src/delta/add-path.ts";
import { parseCommit } from "../../src/delta/commit-json.ts";
import { checksumFileFaults } from "./commit-checksum.ts";
import { commitFaults, keyOf, markOf, type TableBefore } from "./commit-faults.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** As `temporaryFolder`. Tables whose first commits are gone are left out: what was live is not known of them. */
export function checkedFolder(t: { after(clean: () => void): void }): string {
  const folder = temporaryFolder({
    after: (clean) =>
      t.after(() => {
        try {
          checkCommitsBelow(folder);
        } finally {
          clean();
        }
      }),
  });
  return folder;
}

/** How many commits of ours were judged. @throws AssertionError naming each that is wrong, and why */
export function checkCommitsBelow(folder: string): number {
  let judged = 0;
  const faults = globSync("**/_delta_log/00000000000000000000.json", { cwd: folder }).flatMap((first) =>
    tableFaultsOf(join(folder, dirname(dirname(first))), () => judged++),
  );
  assert.deepEqual(faults, []);
  return judged;
}

function tableFaultsOf(table: string, onJudged: () => void): string[] {
  const faults: string[] = [];
  let before: TableBefore = {
    version: -1,
    protocol: undefined,
    metadata: undefined,
    live: new Map(),
    known: new Set(),
    highWaterMark: -1n,
    inCommitTimestamp: undefined,
  };
  const said = { txns: new Map<string, SetTransaction>(), domains: new Map<string, DomainMetadata>() };
  for (;;) {
    const version = before.version + 1;
    const file = join(table, "_delta_log", `${String(version).padStart(20, "0")}.json`);
    if (!existsSync(file)) return faults;
    const content = readFileSync(file);
    const actions = parseCommit(content, { table, version });
    const info = actions.flatMap((action) => ("commitInfo" in action ? [action.commitInfo] : []))[0];
    const engine = info?.["engineInfo"];
    const next = after(before, actions);
    for (const action of actions) {
      if ("txn" in action) said.txns.set(action.txn.appId, action.txn);
      if (!("domainMetadata" in action)) continue;
      if (action.domainMetadata.removed) said.domains.delete(action.domainMetadata.domain);
      else said.domains.set(action.domainMetadata.domain, action.domainMetadata);
    }
    if (typeof engine === "string" && engine.startsWith("Landfall/")) {
      onJudged();
      const found = [
        ...commitFaults({ text: content.toString("utf8"), before }),
        ...sizeFaults(table, actions),
        ...checksumFaults(file.replace(/json$/, "crc"), { ...next, ...said, txnId: info?.txnId }),
      ];
      faults.push(...found.map((fault) => `version ${version} (${info!.operation}) of ${table}: ${fault}`));
    }
    before = next;
  }
}

/** Not every commit has one: where nobody knows how many files there are, none is written. */
function checksumFaults(file: string, table: Parameters<typeof checksumFileFaults>[1]): string[] {
  return existsSync(file) ? checksumFileFaults(readFileSync(file, "utf8"), table) : [];
}

/** A vacuum may have taken them away since; those that are there are as they were said to be. */
function sizeFaults(table: string, actions: readonly Action[]): string[] {
  return actions.flatMap((action) => {
    const file = "add" in action ? action.add : "cdc" in action ? action.cdc : undefined;
    const path = file === undefined ? "" : join(table, decodeAddPath(file.path));
    if (file === undefined || !existsSync(path)) return [];
    const { size } = statSync(path);
    return size === file.size ? [] : [`${file.path} has ${size} bytes, not ${file.size}`];
  });
}

function after(before: TableBefore, actions: readonly Action[]): TableBefore {
  const live = new Map<string, AddFile>(before.live);
  const known = new Set(before.known);
  let { protocol, metadata, inCommitTimestamp } = before;
  for (const action of actions) {
    if ("remove" in action) live.delete(keyOf(action.remove));
    else if ("protocol" in action) protocol = action.protocol;
    else if ("metaData" in action) metadata = action.metaData;
    else if ("commitInfo" in action) {
      const time = action.commitInfo["inCommitTimestamp"] as number | bigint | undefined;
      inCommitTimestamp = time === undefined ? undefined : BigInt(time);
    }
  }
  for (const action of actions)
    if ("add" in action) {
      live.set(keyOf(action.add), action.add);
      known.add(action.add.path);
    }
  const highWaterMark = markOf(actions) ?? before.highWaterMark;
  return { version: before.version + 1, protocol, metadata, live, known, highWaterMark, inCommitTimestamp };
}
