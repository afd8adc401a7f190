/** The compactions of one round: whether one is due, and what they came to. What a round leaves undone the next goes on with. */
import { compactOnce, type CompactFiles, type CompactionPolicy } from "./compact.ts";
import { addCompacted, NOTHING_COMPACTED } from "./compaction-counts.ts";
import type { CompactionCounts } from "./events.ts";
import { endLostCompactions } from "./lost-compactions.ts";
import type { PipelineContext } from "./pipeline-context.ts";

export interface CompactionsOptions {
  /** Default: small data files stay. */
  readonly compaction?: { readonly policy: CompactionPolicy; readonly compactFiles: CompactFiles };
  /** `Landfall/<version>` */
  readonly engineInfo: string;
}

export class Compactions {
  readonly #context: PipelineContext;
  readonly #options: CompactionsOptions;
  #isDue: boolean;
  /** Those that did not come to their end, and may be brought to it once another has. */
  #lost: number;
  #counts = NOTHING_COMPACTED;

  constructor(context: PipelineContext, options: CompactionsOptions, before?: Compactions) {
    this.#context = context;
    this.#options = options;
    this.#isDue = before?.isDue ?? false;
    this.#lost = before === undefined ? 0 : before.#lost;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  get counts(): CompactionCounts {
    return this.#counts;
  }

  /** After take-in. What a dead one wanted to do is to be done still, and only then can its files go. */
  async recover(): Promise<void> {
    this.#lost = await endLostCompactions(this.#context);
    if (this.#lost > 0) this.#isDue = true;
  }

  /** With every checkpoint, which has gone through all files anyway. There may be more to read: only what is far over its number is done now. */
  async afterCheckpoint(): Promise<void> {
    this.#isDue = true;
    await this.#compactOnce({ isBusy: true });
  }

  /** Where one is due and nothing waits to be read: so many commits at most, and what is left is due still. */
  async compact(commits: number): Promise<void> {
    for (let i = 0; i < commits && this.#isDue; i++)
      if (!(await this.#compactOnce({ isBusy: false }))) this.#isDue = false;
  }

  /** True where it did something, and may find more. */
  async #compactOnce({ isBusy }: { readonly isBusy: boolean }): Promise<boolean> {
    const { compaction, engineInfo } = this.#options;
    if (compaction === undefined) return false;
    this.#context.signal?.throwIfAborted();
    const counts = await compactOnce(this.#context, { ...compaction, engineInfo, isBusy });
    if (counts === undefined) return false;
    this.#counts = addCompacted(this.#counts, counts);
    if (this.#lost > 0) this.#lost = await endLostCompactions(this.#context);
    return true;
  }
}
