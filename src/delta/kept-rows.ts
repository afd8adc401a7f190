/**
 * The rows of files that a checkpoint was made of, kept as lines of JSON until this process writes the next: a run of many batches then
 * reads only the commits since, and not the whole state out of Parquet each time.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseJson } from "../base/lossless-json.ts";
import { canonicalPath } from "./add-path.ts";
import { parseActions } from "./parse-action.ts";
import { fileKey, type FileAction } from "./snapshot.ts";

/** Reconciled: each file once. Rows of other actions may stand among them. */
export interface KeptRows {
  readonly version: number;
  /** `metaData.id`: another table in the same place has nothing of these rows. */
  readonly tableId: string;
  /** A local file below the scratch folder. */
  readonly path: string;
}

/**
 * The kept rows of files that are not among the keys (`fileKey`) of files that later commits touch: live files as the lines that they
 * are, tombstones as actions, since they may have expired meanwhile.
 */
export async function* untouchedRows(
  kept: KeptRows,
  { touched, root }: { readonly touched: ReadonlySet<string>; readonly root: string | undefined },
): AsyncGenerator<string | FileAction> {
  for await (const line of createInterface({ input: createReadStream(kept.path), crlfDelay: Infinity })) {
    const plain = plainKey(line, root);
    if (plain !== undefined) {
      if (!touched.has(plain)) yield line;
      continue;
    }
    for (const action of parseActions(parseJson(line))) {
      if (!("add" in action || "remove" in action)) continue;
      if (touched.has(fileKey("add" in action ? action.add : action.remove, root))) continue;
      yield "add" in action ? line : action;
    }
  }
}

const PLAIN_ADD = /^\{"add":\{"path":"([^"\\]*)"/;

/** Of nearly every line the key stands at its beginning: a table of many files has not each of them parsed for it. */
function plainKey(line: string, root: string | undefined): string | undefined {
  const path = PLAIN_ADD.exec(line)?.[1];
  return path === undefined || line.includes('"deletionVector"') ? undefined : canonicalPath(path, root);
}
