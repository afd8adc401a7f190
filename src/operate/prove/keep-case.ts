/**
 * What a kill left behind, kept for others to judge: the pipeline's folder after healing, every file that ever lay in its source,
 * and `case.json`, which says what is known of each without a look at table, state or ledger.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ScratchKind } from "./fault-steps.ts";
import type { SourceHistory, WrittenGeneration } from "./source-history.ts";

/** What is known of a pipeline at rest, from the outside. */
export interface HealedWorld {
  readonly kind: ScratchKind;
  readonly history: SourceHistory;
  /** What lay in the source before the first run. */
  readonly before: SourceHistory;
  /** What lay in the source while a run that nobody killed came to rest. */
  readonly settled: SourceHistory;
}

/**
 * `baseline`: lay there before the first run of a pipeline that leaves such files out. `settled`: lay there while a run that
 * nobody killed came to rest. `lying`: came later, and lay there while the last run came to rest. `passing`: came and went
 * around the kill; no one can say whether it was seen.
 */
export type Presence = "baseline" | "settled" | "lying" | "passing";

export interface KeptFile {
  readonly key: string;
  /** Where its content lies, relative to the case's folder. */
  readonly content: string;
  readonly presence: Presence;
}

export interface KeptCase {
  readonly schemaVersion: 1;
  readonly kill: string;
  /** Whose columns the rows have: those of a person's declaration hold values on purpose that do not fit. */
  readonly rows: "own" | "declared";
  readonly onOverwrite: "append" | "ignore";
  /** The table's folder, relative to the case's; missing while nothing was committed. */
  readonly table: string;
  /** Every generation of every key, those of one key oldest first. */
  readonly files: readonly KeptFile[];
}

export function keepCase(options: {
  /** The case's own folder; it is created. */
  readonly folder: string;
  /** The healed pipeline's folder, with its table in `table`. */
  readonly pipeline: string;
  readonly kill: string;
  readonly world: HealedWorld;
  readonly rows: "own" | "declared";
}): void {
  const { folder, pipeline, kill, world, rows } = options;
  const generations = [...world.history.generations.values()].flat();
  const files = generations.map((written, index) => ({
    key: written.key,
    content: `files/${index}/${written.key}`,
    presence: presenceOf(world, written),
  }));
  cpSync(pipeline, join(folder, "pipeline"), { recursive: true, preserveTimestamps: true });
  generations.forEach(({ content }, index) => {
    const path = join(folder, files[index]!.content);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  });
  const onOverwrite = world.kind === "append" ? "append" : "ignore";
  const kept: KeptCase = { schemaVersion: 1, kill, rows, onOverwrite, table: "pipeline/table", files };
  writeFileSync(join(folder, "case.json"), `${JSON.stringify(kept, undefined, 2)}\n`);
}

export function presenceOf(world: HealedWorld, written: WrittenGeneration): Presence {
  const layIn = (history: SourceHistory): boolean =>
    history.lying.get(written.key)?.generation === written.generation;
  if (world.kind === "baseline" && layIn(world.before)) return "baseline";
  if (layIn(world.settled)) return "settled";
  return layIn(world.history) ? "lying" : "passing";
}
