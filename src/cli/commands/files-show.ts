import { relative, resolve } from "node:path";
import process from "node:process";
import { styleText } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { millisecondsOf } from "../../base/nanoseconds.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import {
  showFile,
  type FileHistory,
  type GenerationHistory,
  type ShownFile,
  type TimelineEntry,
} from "../../operate/show-file.ts";
import { pipelinesOf } from "../../operate/table-view.ts";
import { canonicalPath } from "../../base/canonical-path.ts";
import {
  declaredSource,
  lookInSource,
  searchSource,
  sourceByDefault,
  type SeenInSource,
} from "../../open/look-in-source.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printable } from "../../base/printable.ts";
import { passedByText } from "../../sources/passed-by.ts";
import { tableOrPipeline } from "../table-or-pipeline.ts";
import { factLines, printDocument, printLines } from "../print-result.ts";
import { utcText } from "../time-text.ts";

export interface FilesShowFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
}

/** `landfall files show <table|pipeline.yaml> <file>`; 1 when no ledger knows such a file, or several fit. */
export async function filesShowCommand(options: {
  readonly place: string;
  readonly file: string;
  readonly flags: FilesShowFlags;
}): Promise<number> {
  const { place, file, flags } = options;
  const { location, name, pipeline } = await tableOrPipeline(place, flags);
  const meant = { name: file, absolute: [resolve(file), canonicalPath(file)] };
  const { shown, sources } = await withTableView({ location, state: flags.state }, async (view) => ({
    shown: await showFile(view, { ...meant, pipeline: name, clock: systemClock }),
    sources: (await pipelinesOf(view.storage, name)).map(({ source }) => source),
  }));
  const isDeclared = pipeline !== undefined;
  const looked = isDeclared ? [declaredSource(pipeline)] : sources.map(sourceByDefault);
  const exact = looked.map((source) => lookInSource(source, meant)).find((one) => one !== undefined);
  // A whole source is looked through only where no ledger knows such a file.
  const alike =
    exact === undefined && shown.found === "none"
      ? looked.flatMap((source) => searchSource(source, file))
      : [];
  const found = exact ?? (alike.length === 1 ? alike[0] : undefined);
  const seen: LyingFile = { lies: found, alike: alike.length > 1 ? alike : [], isDeclared };
  const lies = {
    ...(found === undefined ? {} : { lies: { ...found, isDeclared } }),
    ...(alike.length > 1 ? { alike: alike.slice(0, ALIKE) } : {}),
  };
  if (flags.json === true) printDocument({ table: canonicalPath(location), name: file, ...shown, ...lies });
  else printLines(shownLines(shown, { name: file, table: canonicalPath(location), seen }));
  return shown.found === "file" ? 0 : 1;
}

/** Files of one name that are told. */
const ALIKE = 20;

/** What lies in the source under the name now. */
interface LyingFile {
  readonly lies: SeenInSource | undefined;
  /** Several that the name may mean, none of them known. */
  readonly alike: readonly SeenInSource[];
  /** False: judged by the defaults, since no declaration was given. */
  readonly isDeclared: boolean;
}

function shownLines(
  shown: ShownFile,
  { name, table, seen }: { readonly name: string; readonly table: string; readonly seen: LyingFile },
): string[] {
  const keys = (list: readonly string[]): string[] => list.map((key) => `  ${printable(displayKey(key))}`);
  if (shown.found === "file") {
    const now = seen.isDeclared && seen.lies?.passedBy !== undefined ? lyingLines(seen, seen.lies) : [];
    return [...shown.files.flatMap((file, i) => [...(i > 0 ? [""] : []), ...fileLines(file, table)]), ...now];
  }
  if (shown.found === "several") {
    return [`Several files are called ${printable(name)}; say which:`, ...keys(shown.keys)];
  }
  const none = `No pipeline of this table has seen a file ${printable(name)}.`;
  if (seen.lies !== undefined) return [none, ...lyingLines(seen, seen.lies)];
  if (seen.alike.length > 0) return [none, ...alikeLines(seen.alike)];
  if (shown.keys.length === 0) {
    return [none, "It may lie outside the source, be filtered out, or have arrived after the last run."];
  }
  return [none, "Near names:", ...keys(shown.keys)];
}

function alikeLines(alike: readonly SeenInSource[]): string[] {
  const more = alike.length - ALIKE;
  return [
    "Several lie in the source; say which:",
    ...alike.slice(0, ALIKE).map(({ key, passedBy }) => {
      const why = passedBy === undefined ? "" : `  not looked at: ${passedByText(passedBy)}`;
      return `  ${printable(displayKey(key))}${why}`;
    }),
    ...(more > 0 ? [`  … and ${formatCount(more)} more`] : []),
  ];
}

const TELL_DECLARATION =
  "The pipeline's declaration may say otherwise: give its file in the table's place to be told exactly.";

function lyingLines(
  { isDeclared }: Pick<LyingFile, "isDeclared">,
  { source, key, passedBy }: SeenInSource,
): string[] {
  const path = printable(shortPath(`${source}/${displayKey(key)}`));
  if (passedBy === undefined)
    return isDeclared
      ? [`${path} is there; the next run looks at it.`]
      : [`${path} is there, and no default passes it by.`, TELL_DECLARATION];
  return [
    `${path} is there, and is not looked at, because ${passedByText(passedBy)}.`,
    ...(isDeclared ? [] : [TELL_DECLARATION]),
  ];
}

function fileLines(file: FileHistory, table: string): string[] {
  const several = file.generations.length > 1;
  const lines = [
    styleText("bold", printable(displayKey(file.key))),
    ...factLines([
      ["source", file.source],
      ["pipeline", file.ended === true ? `${file.pipeline}, before a full refresh` : file.pipeline],
      [
        "ledger",
        file.rebuilt ? "lost: shown is what the manifests say; the next run rebuilds it" : undefined,
      ],
    ]),
  ];
  for (const [i, generation] of file.generations.entries()) {
    const which = several ? `generation ${i + 1} of ${file.generations.length}` : undefined;
    lines.push("", ...generationLines(generation, which, table));
  }
  return lines;
}

const COLOURS: Readonly<Partial<Record<string, "green" | "red" | "yellow">>> = {
  committed: "green",
  archived: "green",
  deleted: "green",
  quarantined: "red",
  skipped: "yellow",
};

function generationLines(file: GenerationHistory, which: string | undefined, table: string): string[] {
  const why = [file.rule, file.reason].filter((part) => part !== undefined).join(": ");
  const colour = COLOURS[file.state];
  const state = colour === undefined ? file.state : styleText(colour, file.state);
  const modified = utcText(millisecondsOf(file.modifiedNs));
  return [
    `  ${state}${why === "" ? "" : `  ${printable(why)}`}${which === undefined ? "" : `  (${which})`}`,
    ...factLines([
      ["size", `${formatBytes(file.size)}, modified ${modified} UTC`],
      ["rows", file.counts && rowsText(file.counts, file.transformed === true)],
      ["rejects", file.rejects === undefined ? undefined : shortPath(`${table}/${file.rejects}`)],
    ]).map((line) => `  ${line}`),
    "",
    ...file.timeline.map((entry) => `    ${utcText(entry.at)}  ${entryText(entry)}`),
  ];
}

/** As the person would type it here, where that is shorter. */
function shortPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.length < path.length ? here : path;
}

function rowsText(counts: NonNullable<GenerationHistory["counts"]>, transformed: boolean): string {
  const parts = [
    `${formatCount(counts.read)} read`,
    `${formatCount(counts.written)} ${transformed ? "into the transform" : "written"}`,
  ];
  if (counts.rescued > 0) parts.push(`${formatCount(counts.rescued)} with rescued values`);
  if ((counts.corrupt ?? 0) > 0) parts.push(`${formatCount(counts.corrupt!)} text of broken records`);
  if (counts.rejected > 0) parts.push(`${formatCount(counts.rejected)} rejected`);
  return parts.join(", ");
}

function entryText(entry: TimelineEntry): string {
  const detail = entry.detail === undefined ? "" : `: ${printable(entry.detail)}`;
  const by = entry.batch === undefined ? "" : ` by batch ${entry.batch}`;
  switch (entry.event) {
    case "waiting":
      return "seen, and may still be written";
    case "discovered":
      return "discovered";
    case "claimed":
      return `claimed${by}`;
    case "committed":
      return `committed${by}${entry.version === undefined ? "" : ` as version ${entry.version}`}`;
    case "released":
      return `released${by}: it came to nothing, or did not name the file`;
    case "gone":
      return `found gone${by}${detail}`;
    case "returned":
      return "seen again";
    case "archived":
    case "moved":
      return `${entry.event} to ${printable(entry.detail ?? "a place that is not known")}`;
    case "deleted":
      return "deleted from the source";
    case "tidyFailed":
      return `could not be tidied${detail}; it lies where it lay, and the next run tries again`;
    case "forgotten": {
      const what =
        entry.batch === undefined ? "what was judged of it" : `what batch ${entry.batch} made of it`;
      return `forgotten: ${what} was taken back${entry.detail === undefined ? "" : ` (files ${entry.detail})`}`;
    }
    case "quarantined":
    case "skipped":
    case "undone":
      return `${entry.event}${by}${detail}`;
    default:
      return entry.event satisfies never;
  }
}
