/**
 * The port through which arrivals are noticed. A source lists what lies there now and looks at single names again; it keeps
 * nothing. Adapters: a local folder (`local-source.ts`), memory (`memory-source.ts`).
 */
import type { Observation } from "../ledger/ledger.ts";

export interface Unreadable {
  /** What could not be listed or read, as people write it. */
  readonly path: string;
  readonly reason: string;
}

export interface SourceListing {
  /** Objects of one folder, in ascending order of key; a folder may come in several chunks. */
  readonly objects: readonly Observation[];
  readonly unreadable: readonly Unreadable[];
}

export interface Source {
  /** The canonical location, as it stands in pipeline.json. */
  readonly location: string;
  /** @throws LandfallError SOURCE_MISSING, SOURCE_UNREADABLE when the location itself cannot be listed */
  list(options?: { readonly signal?: AbortSignal }): AsyncIterable<SourceListing>;
  /** What lies under a key now; undefined when nothing does that the source would list. */
  look(key: string): Promise<Observation | undefined>;
  /** Absolute path, encoded bytes: what the engine reads. */
  path(key: string): string;
  /** False when the file is there and this user may not read it. */
  readable(key: string): boolean;
}
