/**
 * The holding folder of a source: what is about to be archived, deleted or moved is first taken there by rename, in one step, whatever
 * lies under the name, and compared only then (exactly-once rules, §5: POSIX has no conditional unlink). A held name tells its key and
 * its batch, so that whoever starts next can end what a dead process began. Several processes may work on it at once.
 */
import type { Observation } from "../ledger/ledger.ts";

export interface HeldFile {
  readonly key: string;
  readonly number: number;
  readonly batchId: string;
  /** Absolute, encoded bytes. */
  readonly path: string;
}

export interface HoldingFolder {
  /**
   * Makes a fresh place for the files of a batch and answers what takes them: whatever lies under a key, by one rename, durable once
   * `sync` resolved. Undefined: nothing lay there. A file that could not be given back, since this user may not link it, stays where it
   * lies, and the error of the file system is thrown.
   */
  taker(batch: {
    readonly number: number;
    readonly batchId: string;
  }): (key: string) => Promise<HeldFile | undefined>;
  /** Everything that is held, by whomever; in ascending order of path. */
  held(): Promise<readonly HeldFile[]>;
  /** What is held, as a listing would tell it; undefined for what is no plain file, or no longer there. */
  look(held: HeldFile): Promise<Observation | undefined>;
  /**
   * Links it back to its name, never over another file. `taken`: something else lies under the name now, and it was kept aside, at
   * `path`. `gone`: another process was quicker.
   */
  giveBack(held: HeldFile): Promise<GivenBack>;
  /** Takes the held name away. */
  remove(held: HeldFile): Promise<void>;
  /** Makes durable what was taken, given back and removed of these. */
  sync(held: readonly HeldFile[]): Promise<void>;
  /** Removes folders in which nothing is held any more. */
  tidyUp(): Promise<void>;
}

export type GivenBack =
  | { readonly outcome: "back" | "gone" }
  | { readonly outcome: "taken"; readonly path: string };
