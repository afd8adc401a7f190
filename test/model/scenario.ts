/** What a scenario of the exhaustive check may say: a tiny instance, and how many faults of each kind may befall it. */
import type { ErrorCode } from "../../src/base/error-codes.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Source } from "../../src/sources/source.ts";
import type { Storage } from "../../src/storage/storage.ts";

/** Faults that are paid for. */
export interface Faults {
  /** A process dies between two calls. */
  readonly crash: number;
  /** A file appears, is overwritten or vanishes. */
  readonly source: number;
  /** The answer to a put is lost: it landed, it did not, or the client's own repeat of it is answered "exists". */
  readonly lost: number;
  /** A put of a commit whose answer was lost lands at any later moment. */
  readonly late: number;
  /** A ledger is lost. */
  readonly loss: number;
  /** Ledger 0 is copied, and restored from the copy at any later moment. */
  readonly backup: number;
  /** Another writer commits. */
  readonly foreign: number;
  /** The log is trimmed, by us: behind done marks only. */
  readonly trim: number;
  /** The log is trimmed by another engine, down to its checkpoint. */
  readonly foreignTrim: number;
  /** A writer without put-if-absent replaces a commit between its put and its read-back. */
  readonly clobber: number;
}

export const NO_FAULTS: Faults = {
  crash: 0,
  source: 0,
  lost: 0,
  late: 0,
  loss: 0,
  backup: 0,
  foreign: 0,
  trim: 0,
  foreignTrim: 0,
  clobber: 0,
};

/** How long it takes: a second or two, up to a quarter of a minute, or minutes. */
export type Size = "small" | "medium" | "large";

export interface Scenario extends Partial<Faults> {
  readonly name: string;
  readonly size: Size;
  /** The ledger of each process. Default: one process. */
  readonly hosts?: readonly number[];
  /** Runs that each process may start of its own accord; a crash or a failure gives one back. Default: 1. */
  readonly runs?: readonly number[];
  /**
   * How often one process may take over from another that is in the middle of its run, where all interleavings are too many: most
   * races need two or three. Default: any number.
   */
  readonly switches?: number;
  /** What the clock says, for ever: generation g was modified at second g + 1. Default: long after all of them. */
  readonly nowMs?: number;
  /** Generation that lies under each key at first; -1 for none. */
  readonly files: readonly number[];
  /** Generations that each key may have. Default: 1. */
  readonly generations?: number;
  /** False: nothing vanishes. Default: true. */
  readonly vanish?: boolean;
  /** Default: `ignore`. */
  readonly onOverwrite?: "ignore" | "append";
  /** Generations that the engine quarantines, as `key.generation`. */
  readonly poison?: readonly string[];
  /** `includeExistingFiles: false`. */
  readonly baseline?: boolean;
  /** Files a batch at most. Default: 10. */
  readonly maxFiles?: number;
  /** Done batches that are folded into one file. Default: more than there are. */
  readonly fold?: number;
  /** Each run ends with a compaction of whatever is two files or more. Not beside a trimmed log: its checkpoints need files. Default: false. */
  readonly compaction?: boolean;
  /** Processes that start the pipeline over before their run, until it has been started over once. Not beside trims, folding or compaction. Default: none. */
  readonly refresh?: readonly number[];
  /** Which puts may lose their answer. Default: those of commits. */
  readonly lostPuts?: "commit" | "all";
  /** Errors that a run may end with, besides those that its faults explain. */
  readonly mayFail?: readonly ErrorCode[];
}

export interface Ports {
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly source: Source;
}

/** A deliberate breakage, by which the check shows that it can fail. */
export interface Mutation {
  readonly name: string;
  /** Breaks the store itself. */
  readonly storage?: (storage: Storage) => Storage;
  /** Breaks what a process sees and does. */
  readonly ports?: (ports: Ports) => Ports;
  /** Our own trimming of the log does not wait for done marks. */
  readonly hastyTrim?: boolean;
}
