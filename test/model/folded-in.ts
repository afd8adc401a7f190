/** What the files of folded batches say of a number: read with eyes of their own, and all of them must say the same. */
import { parseFoldedName } from "../../src/ingest/state-keys.ts";
import type { StoreContent } from "./world.ts";

export interface FoldedLine {
  readonly number: number;
  readonly batchId: string;
  readonly manifest: string;
}

const files = new WeakMap<Buffer, readonly FoldedLine[]>();

/** Undefined where no file holds it. @throws Error where two files disagree */
export function foldedIn(store: StoreContent, number: number): FoldedLine | undefined {
  let found: FoldedLine | undefined;
  for (const [key, content] of store.objects) {
    if (parseFoldedName(key) === undefined) continue;
    const line = linesOf(content).find((each) => each.number === number);
    if (line === undefined) continue;
    if (found !== undefined && JSON.stringify(found) !== JSON.stringify(line))
      throw new Error(`two files of folded batches disagree about batch ${number}`);
    found = line;
  }
  return found;
}

function linesOf(content: Buffer): readonly FoldedLine[] {
  const known = files.get(content);
  if (known !== undefined) return known;
  const [, ...lines] = content.toString().trimEnd().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as FoldedLine);
  files.set(content, parsed);
  return parsed;
}
