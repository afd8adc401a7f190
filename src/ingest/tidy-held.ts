/**
 * What is held is compared, and then archived, deleted, moved to quarantine, or given back: whether this process took it a moment ago, or
 * one that is dead, or another host that is at it still (exactly-once rules, §5).
 */
import { isoInstant } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { messageOf } from "../base/landfall-error.ts";
import { decodePathBytes, displayKey } from "../base/path-bytes.ts";
import type { Arrival, Observation, TidiedArrival } from "../ledger/ledger.ts";
import { TIDY_STATES, type TidyKind } from "../ledger/states.ts";
import type { HeldFile, HoldingFolder } from "../sources/holding-folder.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { removeFile } from "../storage/link-or-copy.ts";
import { folderOf } from "../storage/make-folder.ts";
import type { TidyCounts } from "./events.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { placeFile, removeHalfPlaced, writeReason, type PlacedFile } from "./place-file.ts";
import type { Placement } from "./tidy-places.ts";

export interface HeldOptions {
  readonly holding: HoldingFolder;
  /** What becomes of an arrival's file; undefined: it goes back. */
  readonly placement: (arrival: Arrival, kind: TidyKind) => Promise<Placement | undefined>;
  /** Called with the files that have left the source. */
  readonly afterwards?: ((files: readonly TidiedFile[]) => Promise<void>) | undefined;
  /** Another process, which is dead, may have begun to place them. Default: none has. */
  readonly resumes?: boolean;
}

export interface TidiedFile {
  readonly held: HeldFile;
  readonly placement: Placement;
}

interface OwnFile {
  readonly held: HeldFile;
  readonly arrival: Arrival;
  readonly placement: Placement;
}

interface DoneFile extends OwnFile {
  readonly placed: PlacedFile | undefined;
}

export const NOTHING_TIDIED: TidyCounts = { archived: 0, deleted: 0, moved: 0, failed: 0, overwritten: 0 };

/** Empties these. What fails is given back and told as a warning; only an abort and the ledger's own errors are thrown. */
export async function endHeld(
  context: PipelineContext,
  held: readonly HeldFile[],
  options: HeldOptions,
): Promise<TidyCounts> {
  const work = new HeldWork(context, options);
  const own: OwnFile[] = [];
  for (const file of held) {
    const found = await work.compare(file);
    faultPoint("tidy.compared");
    if (found !== undefined) own.push(found);
  }
  const placed: DoneFile[] = [];
  for (const file of own) {
    const done = await work.place(file);
    if (done !== undefined) placed.push(done);
  }
  const lasting = await work.makeDurable(placed);
  const removed: DoneFile[] = [];
  for (const file of lasting) if (await work.remove(file)) removed.push(file);
  await options.holding.sync(held);
  await work.tell(removed);
  await options.afterwards?.(removed);
  return work.counts;
}

class HeldWork {
  readonly #context: PipelineContext;
  readonly #options: HeldOptions;
  readonly #told: TidiedArrival[] = [];
  counts = NOTHING_TIDIED;

  constructor(context: PipelineContext, options: HeldOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Undefined: it is not ours to keep, and has gone back. */
  async compare(held: HeldFile): Promise<OwnFile | undefined> {
    const { holding } = this.#options;
    let found: Observation | undefined;
    try {
      found = await holding.look(held);
      const arrival = found && (await this.#context.ledger.get(found));
      const placement = arrival && (await this.#placementOf(arrival));
      if (arrival !== undefined && placement !== undefined) return { held, arrival, placement };
    } catch (error) {
      this.#warn(held.key, error);
    }
    await this.#giveBack(held, found);
    return undefined;
  }

  /** The outcome may have been taken back by a decision while the file was being taken. */
  async #placementOf(arrival: Arrival): Promise<Placement | undefined> {
    const kind = kindOf(arrival);
    return kind && this.#options.placement(arrival, kind);
  }

  async place(file: OwnFile): Promise<DoneFile | undefined> {
    const { held, arrival, placement } = file;
    const { folder, action } = placement;
    if (folder === undefined) return { ...file, placed: undefined };
    try {
      const { key, generation } = arrival;
      if (this.#options.resumes === true) await removeHalfPlaced(folder, arrival);
      const placed = await placeFile({ from: held.path, folder, key, generation, id: this.#context.newId() });
      faultPoint("tidy.placed");
      if (action === "quarantine") await writeReason(placed.path, this.#reasonOf(arrival, held));
      return { ...file, placed };
    } catch (error) {
      await this.#failed(file, error);
      return undefined;
    }
  }

  #reasonOf({ key, generation, reason, batchId }: Arrival, { number }: HeldFile): object {
    const { name, clock } = this.#context;
    const at = isoInstant(clock.now());
    return { schemaVersion: 1, pipeline: name, key, generation, reason, batch: number, batchId, at };
  }

  /** Whether or not this process made the entries: whoever did may have died before they were durable. */
  async makeDurable(files: readonly DoneFile[]): Promise<readonly DoneFile[]> {
    const lasting: DoneFile[] = [];
    const synced = new Map<string, unknown>();
    for (const file of files) {
      const folder = file.placed && folderOf(file.placed.path);
      if (folder !== undefined && !synced.has(folder))
        synced.set(folder, await syncFolder(decodePathBytes(folder)).catch((error: unknown) => error));
      const error = folder === undefined ? undefined : synced.get(folder);
      if (error === undefined) lasting.push(file);
      else await this.#failed(file, error);
    }
    return lasting;
  }

  /** Compared once more: a writer that had the file open may have gone on while it was copied. */
  async remove(file: DoneFile): Promise<boolean> {
    const { held, arrival, placed } = file;
    const { holding } = this.#options;
    try {
      const now = await holding.look(held);
      if (now !== undefined && now.generation !== arrival.generation) {
        if (placed?.again === false) await removeFile(placed.path);
        await this.#giveBack(held, now);
        return false;
      }
      await holding.remove(held);
      faultPoint("tidy.removed");
      return true;
    } catch (error) {
      await this.#failed(file, error);
      return false;
    }
  }

  async tell(files: readonly DoneFile[]): Promise<void> {
    const outcomes = { archive: "archived", delete: "deleted", quarantine: "moved" } as const;
    for (const { arrival, placement, placed } of files) {
      const { key, generation } = arrival;
      const outcome = outcomes[placement.action];
      const detail = placed === undefined ? {} : { detail: displayKey(placed.path) };
      this.#told.push({ key, generation, outcome, ...detail });
      this.#count(outcome);
    }
    if (this.#told.length > 0) await this.#context.ledger.tidied(this.#told, this.#context.clock.now());
    faultPoint("tidy.done");
  }

  async #failed({ held, arrival }: OwnFile, error: unknown): Promise<void> {
    const { key, generation } = arrival;
    this.#told.push({ key, generation, outcome: "failed", detail: messageOf(error) });
    this.#warn(key, error);
    await this.#giveBack(held, undefined);
  }

  #warn(key: string, error: unknown): void {
    this.#count("failed");
    this.#context.emit({ type: "tidy.failed", key, reason: messageOf(error) });
  }

  /** `found`: what was held, where it is another generation than the one that was to be taken. */
  async #giveBack(held: HeldFile, found: Observation | undefined): Promise<void> {
    const { ledger, clock, emit } = this.#context;
    try {
      const back = await this.#options.holding.giveBack(held);
      if (back.outcome !== "taken") return;
      const reason = `another file has taken its name; it is kept at ${displayKey(back.path)}`;
      this.#count("overwritten");
      emit({ type: "arrival.kept", key: held.key, path: displayKey(back.path) });
      if (found === undefined) return;
      await ledger.observe([found], clock.now());
      await ledger.skip(
        [{ key: found.key, generation: found.generation, rule: "overwritten", reason }],
        clock.now(),
      );
    } catch (error) {
      // It stays held, and the next start tries again.
      this.#warn(held.key, error);
    }
  }

  #count(outcome: keyof TidyCounts): void {
    this.counts = { ...this.counts, [outcome]: this.counts[outcome] + 1 };
  }
}

/** Undefined for an arrival without an outcome that stands. */
export function kindOf({ state }: Pick<Arrival, "state">): TidyKind | undefined {
  if (TIDY_STATES.committed.includes(state)) return "committed";
  return TIDY_STATES.quarantined.includes(state) ? "quarantined" : undefined;
}

export function addTidied(a: TidyCounts, b: TidyCounts): TidyCounts {
  return {
    archived: a.archived + b.archived,
    deleted: a.deleted + b.deleted,
    moved: a.moved + b.moved,
    failed: a.failed + b.failed,
    overwritten: a.overwritten + b.overwritten,
  };
}
