import { styleText } from "node:util";
import { formatBytes, formatCount } from "../../base/units.ts";
import { printable } from "../../base/printable.ts";
import { formatDdlColumn } from "../../schema/format-ddl.ts";
import { initDeclaration, type InitResult } from "../../operate/init/init.ts";
import { localSource } from "../../sources/local-source.ts";
import { publishFile, writeTemporary } from "../../storage/durable-file.ts";
import { storageError } from "../../storage/storage-error.ts";
import { initPlaces, outIsTaken, shownPath, type InitPlaces } from "../init-places.ts";
import { factLines, printDocument, printLines } from "../print-result.ts";
import { shellWord } from "../run-summary.ts";
import { withScratchEngine } from "../scratch-engine.ts";
import { sourceFiles } from "../../open/source-files.ts";

export interface InitFlags {
  readonly json?: true;
  readonly out: string;
}

/** `landfall init [source]` */
export async function initCommand(options: {
  readonly source: string | undefined;
  readonly flags: InitFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { flags, signal } = options;
  const places = initPlaces({ source: options.source, out: flags.out });
  const { source: root, filter, names, baseFolder, declarationKey, out } = places;
  const chosen = sourceFiles({ filter, pathGlobFilter: undefined, format: "text" });
  const source =
    root === undefined
      ? undefined
      : localSource({
          root,
          accepts: chosen.accepts,
          names: chosen.names,
          recursive: filter.files === undefined,
        });
  const result = await withScratchEngine(async ({ engine, scratchFolder }) =>
    initDeclaration({ source, names, baseFolder, declarationKey, engine, scratchFolder, signal }),
  );
  signal.throwIfAborted();
  try {
    const outcome = await publishFile(await writeTemporary(out, result.text), out, true);
    if (outcome === "exists") throw outIsTaken(out);
  } catch (error) {
    throw storageError(error, "write", out);
  }
  if (flags.json === true) printDocument(initDocument(places, result));
  else printLines(initLines(places, result));
  return 0;
}

function initDocument(
  { out, source, names }: InitPlaces,
  { parts, format, files, bytes, notes }: InitResult,
): object {
  const { seen, pathGlobFilter, others } = parts;
  return {
    declaration: out,
    pipeline: names.pipeline,
    ...(source === undefined ? {} : { source }),
    ...(format === undefined ? {} : { format }),
    files,
    bytes,
    ...(pathGlobFilter === undefined ? {} : { pathGlobFilter }),
    leftOut: others.map((other) => ({ format: other.format, files: other.files })),
    columns: (seen?.schema.fields ?? [])
      .filter(({ name }) => !seen?.ownColumns.includes(name))
      .map(formatDdlColumn),
    hints: (seen?.suggestions.hints ?? []).map(({ column, type, why }) => ({ column, type, why })),
    ...(seen?.suggestions.partitionBy === undefined ? {} : { partitionBy: [seen.suggestions.partitionBy] }),
    notes,
  };
}

function initLines(places: InitPlaces, result: InitResult): string[] {
  const { parts, notes } = result;
  const { seen, others } = parts;
  const file = shellWord(shownPath(places.out));
  const columns = seen?.schema.fields.filter(({ name }) => !seen.ownColumns.includes(name)).length;
  const hints = seen?.suggestions.hints ?? [];
  return [
    `${styleText("bold", printable(shownPath(places.out)))}  written`,
    ...factLines([
      ["source", places.source ?? `${places.names.source} (a placeholder: write your folder there)`],
      ["files", filesText(result, places)],
      ["columns", columns === undefined ? undefined : `${formatCount(columns)}, listed in the file`],
      [
        "left out",
        others.length === 0
          ? undefined
          : `${others.map((other) => `${formatCount(other.files)} ${other.format}`).join(", ")}: other formats need a declaration of their own`,
      ],
      [
        "look at",
        hints.length === 0
          ? undefined
          : `${hints
              .slice(0, 3)
              .map(({ column, type }) => `${column} as ${type}`)
              .join(", ")}${hints.length > 3 ? ", …" : ""}: suggested in comments`,
      ],
      ...notes.map((note) => ["note", note] as const),
    ]),
    "",
    `  next    landfall check ${file}`,
    `          landfall run ${file}`,
  ];
}

function filesText({ files, bytes, format, parts }: InitResult, { source }: InitPlaces): string | undefined {
  if (source === undefined) return undefined;
  if (format === undefined) return "none yet; their names will tell the format";
  return `${formatCount(files)}${parts.isPartial ? " and more" : ""} of format ${format}, ${formatBytes(bytes)}`;
}
