/**
 * The scratch source and everything that ever lay in it. What a file holds is read back from the file by JSON.parse and zlib, so
 * that the oracle knows nothing of the way that ingestion reads.
 */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { SourceChange } from "./arrival-plan.ts";
import { readScratch, type ScratchData } from "./scratch-data.ts";

/** One generation of a file, as it lay in the source. */
export interface WrittenGeneration {
  readonly key: string;
  readonly generation: string;
  /** `id` of every record that a reader must take, in their order. */
  readonly ids: readonly string[];
  readonly brokenLines: number;
  /** True for a gzip that cannot be unpacked: the whole file is set aside. */
  readonly damaged: boolean;
  /** The bytes as they lay there, to compare a later generation with. */
  readonly content: Buffer;
}

export interface SourceHistory {
  /** Every generation of a key, oldest first. */
  readonly generations: ReadonlyMap<string, readonly WrittenGeneration[]>;
  /** What lies there now. */
  readonly lying: ReadonlyMap<string, WrittenGeneration>;
}

export const EMPTY_HISTORY: SourceHistory = { generations: new Map(), lying: new Map() };

/** Modification times are whole seconds in the past: no file has to be waited for, and copies keep them exactly. */
const FIRST_MODIFICATION = 1_760_000_000;

/** Carries changes out in the folder and answers the history with them. */
export function changeSource(
  folder: string,
  history: SourceHistory,
  changes: readonly SourceChange[],
  data: Pick<ScratchData, "format" | "idColumn">,
): SourceHistory {
  const generations = new Map(history.generations);
  const lying = new Map(history.lying);
  let clock = FIRST_MODIFICATION + [...generations.values()].reduce((sum, list) => sum + list.length, 0);
  for (const change of changes) {
    const path = join(folder, change.key);
    if (change.kind === "remove") {
      rmSync(path, { force: true });
      lying.delete(change.key);
      continue;
    }
    if (change.kind === "touch" && !lying.has(change.key)) continue;
    mkdirSync(dirname(path), { recursive: true });
    if (change.kind === "write") writeFileSync(path, change.content);
    clock += 1;
    utimesSync(path, clock, clock);
    const written = readGeneration(folder, change.key, data);
    generations.set(change.key, [...(generations.get(change.key) ?? []), written]);
    lying.set(change.key, written);
  }
  return { generations, lying };
}

function readGeneration(
  folder: string,
  key: string,
  data: Pick<ScratchData, "format" | "idColumn">,
): WrittenGeneration {
  const path = join(folder, key);
  const info = statSync(path, { bigint: true });
  const content = readFileSync(path);
  const generation = `${info.size}-${info.mtimeNs}`;
  const text = textOf(content);
  if (text === undefined) return { key, generation, ids: [], brokenLines: 0, damaged: true, content };
  return { key, generation, ...readScratch(data, text), damaged: false, content };
}

function textOf(content: Buffer): string | undefined {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content.toString("utf8");
  try {
    return gunzipSync(content).toString("utf8");
  } catch {
    // What zlib refuses is what a reader must set aside.
    return undefined;
  }
}
