/** Whether one commit obeys the protocol by itself (PROTOCOL.md, "Actions", "Add File and Remove File"). Pure. */
import type { Action } from "../../delta/actions.ts";
import { canonicalPath } from "../../delta/add-path.ts";
import { fileKey } from "../../delta/snapshot.ts";
import type { CheckFinding } from "./finding.ts";

export interface JudgeCommitOptions {
  readonly version: number;
  readonly actions: readonly Action[];
  /** Of the commit's file. */
  readonly file: string;
  /** See `fileKey`. */
  readonly root: string | undefined;
}

export function judgeCommit({ version, actions, file, root }: JudgeCommitOptions): CheckFinding[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  const note = (what: string): void => {
    if (seen.has(what)) repeated.add(what);
    seen.add(what);
  };
  const alike: string[] = [];
  const added = new Set<string>();
  for (const action of actions) {
    if ("metaData" in action) note("metaData");
    else if ("protocol" in action) note("protocol");
    else if ("txn" in action) note(`txn of ${action.txn.appId}`);
    else if ("domainMetadata" in action) note(`domainMetadata of ${action.domainMetadata.domain}`);
    else if ("add" in action) {
      note(`add of ${canonicalPath(action.add.path, root)}`);
      added.add(fileKey(action.add, root));
    } else if ("remove" in action) note(`remove of ${canonicalPath(action.remove.path, root)}`);
  }
  for (const action of actions) {
    if ("remove" in action && added.has(fileKey(action.remove, root))) alike.push(action.remove.path);
  }
  const messages = [
    ...Array.from(repeated, (what) => `The commit has more than one ${what}.`),
    ...alike.map((path) => `The commit adds and removes ${path} with the same deletion vector.`),
  ];
  if (version === 0 && !(seen.has("protocol") && seen.has("metaData")))
    messages.push("The first commit has not both protocol and metaData.");
  return messages.map((message): CheckFinding => ({ code: "COMMIT_UNSOUND", file, version, message }));
}
