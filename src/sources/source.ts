/**
 * The port through which arrivals are noticed. A source lists what lies there now and looks at single names again; it keeps
 * nothing. Adapters: a local folder (`local-source.ts`), memory (`memory-source.ts`).
 */
import type { Observation } from "../ledger/ledger.ts";
import type { HoldingFolder } from "./holding-folder.ts";
import type { PassedBy } from "./passed-by.ts";

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

/** What may have changed. */
export interface Hints {
  /** Names at which something happened; encoded bytes, relative to the source. Nothing need lie there. */
  readonly keys: ReadonlySet<string>;
  /** Folders that came, with all that may lie below: keys that end in a slash. */
  readonly folders: ReadonlySet<string>;
  /** Hints were lost: only a listing tells what lies there. */
  readonly isPartial: boolean;
}

/** Notices changes as they happen. It may miss some and make up others: a listing from time to time stays the truth. */
export interface SourceWatch {
  /** Why some of the source is not watched; undefined when all of it is. */
  readonly fault: Error | undefined;
  /** Resolves when there are hints, at once where there are some, and when the time is up. Rejects with the signal's reason. One call at a time. */
  wait(options: { readonly milliseconds: number; readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** All hints since the last call. */
  take(): Hints;
  close(): void;
}

export interface ListOptions {
  readonly signal?: AbortSignal;
  /** A folder's key with its slash; default: the location itself. One that is not there lists nothing. */
  readonly below?: string;
  /** Told of what lies there and is not listed: keys of files, and of folders, with their slash, with all that lies below. */
  readonly onPassedBy?: (key: string, passedBy: PassedBy) => void;
}

export interface Source {
  /** The canonical location, as it stands in pipeline.json. */
  readonly location: string;
  /** @throws LandfallError SOURCE_MISSING, SOURCE_UNREADABLE when the location itself cannot be listed */
  list(options?: ListOptions): AsyncIterable<SourceListing>;
  /** What lies under a key now; undefined when nothing does that the source would list. */
  look(key: string): Promise<Observation | undefined>;
  /** As `look`, whether or not a marker says that it is finished: what tidying may take. */
  lies(key: string): Promise<Observation | undefined>;
  /** The marker of a single file, which goes where its file goes. Undefined where files have none, or share one. */
  readonly markerOf?: ((key: string) => string) | undefined;
  /** What is listed has been said to be finished by its writer, so that no window of rest is waited for. Default: false. */
  readonly hasMarkers?: boolean;
  /** The folder whose files arrive together with this one, as a key with its slash (or empty). Undefined: each is by itself. */
  readonly together?: ((key: string) => string | undefined) | undefined;
  /** Why a file that lies there is not listed; undefined where it would be, and where nothing lies. */
  passedBy?(key: string): PassedBy | undefined;
  /** Absolute path, encoded bytes: what the engine reads. */
  path(key: string): string;
  /** Undefined for a source that cannot be watched. What happens after the call is noticed. */
  watch?(): SourceWatch;
  /** False when the file is there and this user may not read it. */
  readable(key: string): boolean;
  /** Where files are held while they are tidied; a source without one keeps its files. */
  holdingFolder?(pipelineId: string): HoldingFolder;
}
