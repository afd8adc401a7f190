/** Does every file lie in one place, with its bytes: in the source, the archive, or the quarantine folder with its reason? */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Arrival } from "../../ledger/ledger.ts";
import { presenceOf, type HealedWorld } from "./keep-case.ts";
import { SCRATCH_ARCHIVE, SCRATCH_QUARANTINE } from "./scratch-pipelines.ts";
import type { SourceHistory, WrittenGeneration } from "./source-history.ts";

const REASON = ".reason.json";

interface FoundFile {
  readonly name: string;
  readonly content: Buffer;
}

export function judgePlaces(options: {
  /** The pipeline's folder, with its source in `in`. */
  readonly folder: string;
  readonly world: HealedWorld;
  readonly arrivals: readonly Arrival[];
}): readonly string[] {
  const { folder, world, arrivals } = options;
  const { history } = world;
  const states = new Map(arrivals.map(({ key, generation, state }) => [`${generation}\0${key}`, state]));
  const generations = [...history.generations.values()].flat();
  const withState = (state: string): readonly WrittenGeneration[] =>
    generations.filter(({ key, generation }) => states.get(`${generation}\0${key}`) === state);
  const archived = filesBelow(join(folder, SCRATCH_ARCHIVE));
  const aside = filesBelow(join(folder, SCRATCH_QUARANTINE));
  return [
    ...(existsSync(join(folder, "in/.landfall")) ? ["something is left in the holding folder"] : []),
    ...judgeSource(join(folder, "in"), history, (each) => states.get(`${each.generation}\0${each.key}`)),
    ...judgeFolder("archive", archived, withState("archived")),
    // Judged before the kill and replaced or removed after it by somebody else: no one could set it aside any more.
    ...judgeFolder(
      "quarantine folder",
      aside.filter(({ name }) => !name.endsWith(REASON)),
      withState("quarantined"),
      (written) => presenceOf(world, written) === "passing",
    ),
    ...judgeReasons(aside),
  ];
}

/** What lay there at the end, and was neither moved nor to be moved, lies there still; nothing else does. */
function judgeSource(
  source: string,
  history: SourceHistory,
  stateOf: (written: WrittenGeneration) => string | undefined,
): string[] {
  const found = new Map(filesBelow(source).map(({ name, content }) => [name, content]));
  const faults: string[] = [];
  for (const [key, written] of history.lying) {
    const content = found.get(key);
    found.delete(key);
    if (stateOf(written) === "skipped") {
      if (content?.equals(written.content) !== true)
        faults.push(`${key} was skipped, and is not there any more`);
    } else if (content !== undefined)
      faults.push(`${key} is ${stateOf(written) ?? "unknown"}, and lies in the source`);
  }
  return [
    ...faults,
    ...[...found.keys()].map((name) => `${name} lies in the source, and nobody put it there`),
  ];
}

/** Each of these generations lies there once, unless it may be missing, and no other file does. */
function judgeFolder(
  what: string,
  found: readonly FoundFile[],
  expected: readonly WrittenGeneration[],
  mayMiss: (written: WrittenGeneration) => boolean = () => false,
): string[] {
  const left = [...found];
  const faults: string[] = [];
  for (const written of expected) {
    const { key, generation, content } = written;
    const at = left.findIndex((file) => isNamed(file.name, key) && file.content.equals(content));
    if (at >= 0) left.splice(at, 1);
    else if (!mayMiss(written)) faults.push(`${key} (${generation}) is not in the ${what}`);
  }
  return [...faults, ...left.map(({ name }) => `${name} is in the ${what}, and should not be`)];
}

function judgeReasons(aside: readonly FoundFile[]): string[] {
  const names = new Set(aside.map(({ name }) => name));
  return aside.flatMap(({ name, content }) => {
    if (!name.endsWith(REASON))
      return names.has(name + REASON) ? [] : [`${name} lies there without its reason`];
    if (!names.has(name.slice(0, -REASON.length))) return [`${name} lies there without its file`];
    const { reason } = JSON.parse(content.toString()) as { readonly reason?: string };
    return reason === undefined || reason === "" ? [`${name} gives no reason`] : [];
  });
}

/** Folders of dates and of generations may stand before it. */
function isNamed(name: string, key: string): boolean {
  return name === key || name.endsWith(`/${key}`);
}

function filesBelow(folder: string): FoundFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: path.slice(folder.length + 1), content: readFileSync(path) };
    });
}
