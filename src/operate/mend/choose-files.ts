/** Which arrivals a person means: names and globs against what the pipeline's ledger knows. */
import { LandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import type { ArrivalState } from "../../ledger/states.ts";
import { endsWithName, meantKeys, nearKeys, possibleKeys } from "../file-names.ts";
import { everyArrival } from "../list-files.ts";

/** A name or a glob as the person wrote it. */
export interface FileName {
  readonly text: string;
  /** The absolute paths that it means where the person stands. */
  readonly absolute: readonly string[];
  /** For a text that may be a glob: the keys below a source that it accepts. */
  readonly glob?: (source: string) => {
    readonly keyPrefix: string;
    readonly accepts: (key: string) => boolean;
  };
}

export interface ChosenFile {
  /** Every generation that the ledger knows, oldest discovery first. */
  readonly generations: readonly Arrival[];
  /** True where the person named this very file, rather than a glob or a state. */
  readonly named: boolean;
}

const NEAR = 5;
/** Names beyond it are not looked through for near ones. */
const LOOKED_THROUGH = 200_000;

/**
 * The files that the names mean, by key; without names every file with an arrival in one of the states.
 *
 * @throws LandfallError USAGE for a name or a glob that nothing fits, with near names, and for a name that fits several files
 */
export async function chooseFiles(options: {
  readonly ledger: LedgerReader;
  readonly source: string;
  readonly names: readonly FileName[];
  /** Only files with an arrival in one of these; default: all. */
  readonly states?: readonly ArrivalState[];
  readonly signal?: AbortSignal | undefined;
}): Promise<ReadonlyMap<string, ChosenFile>> {
  const { ledger, names, states, signal } = options;
  const chosen = new Map<string, boolean>();
  if (names.length === 0 && states !== undefined) {
    for await (const { key } of everyArrival(ledger, { states })) chosen.set(key, false);
  }
  for (const name of names) {
    signal?.throwIfAborted();
    for (const { key, named } of await keysOf(options, name))
      chosen.set(key, named || chosen.get(key) === true);
  }
  const files = new Map<string, ChosenFile>();
  for (const [key, named] of chosen) {
    signal?.throwIfAborted();
    const generations = await ledger.generations(key);
    const meant = states === undefined || generations.some(({ state }) => states.includes(state));
    if (meant || named) files.set(key, { generations, named });
  }
  return files;
}

interface ChosenKey {
  readonly key: string;
  readonly named: boolean;
}

/** The exact path first, since a name may hold a bracket; then a glob; then the only file whose path ends so. */
async function keysOf(
  { ledger, source }: { readonly ledger: LedgerReader; readonly source: string },
  { text, absolute, glob }: FileName,
): Promise<readonly ChosenKey[]> {
  for (const key of possibleKeys({ name: text, absolute, source })) {
    if (key.isWellFormed() && (await ledger.generations(key)).length > 0) return [{ key, named: true }];
  }
  if (glob !== undefined) {
    const { keyPrefix, accepts } = glob(source);
    const found = new Set<string>();
    for await (const { key } of everyArrival(ledger, { keyPrefix })) if (accepts(key)) found.add(key);
    if (found.size > 0) return [...found].map((key) => ({ key, named: false }));
  }
  const alike = new Set<string>();
  const all = new Set<string>();
  for await (const { key } of everyArrival(ledger)) {
    if (endsWithName(key, text)) alike.add(key);
    if (all.size < LOOKED_THROUGH) all.add(key);
  }
  const meant = meantKeys(alike, text);
  const [only] = meant;
  if (meant.length === 1 && only !== undefined) return [{ key: only, named: true }];
  if (meant.length > 1) throw severalFit(text, meant);
  throw noneFits(text, source, nearKeys(text, [...all], NEAR));
}

function severalFit(text: string, keys: readonly string[]): LandfallError {
  return new LandfallError("USAGE", {
    message: `Several files are called ${text}: ${shown(keys.slice(0, NEAR))}${keys.length > NEAR ? ", …" : ""}.`,
    hint: `Name one by its path below the source, or all of them by a quoted glob: '**/${text}'.`,
    file: text,
  });
}

function noneFits(text: string, source: string, near: readonly string[]): LandfallError {
  return new LandfallError("USAGE", {
    message: `No file of ${source} that the pipeline has seen is called ${text}; nothing was changed.`,
    hint:
      near.length > 0
        ? `Near names: ${shown(near)}.`
        : "Name it by its path below the source; `landfall files list` shows what the pipeline has seen.",
    file: text,
  });
}

function shown(keys: readonly string[]): string {
  return keys.map((key) => displayKey(key)).join(", ");
}
