/** A first declaration for a source: looks at its files, stages a sample of them, and says in a commented text what it saw. */
import { join } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import { decodePathBytes, displayKey } from "../../base/path-bytes.ts";
import { formatCount } from "../../base/units.ts";
import { uuidv7 } from "../../base/uuid.ts";
import { formatProblems } from "../../declaration/problem.ts";
import { readDeclaration } from "../../declaration/read-declaration.ts";
import type { Engine, StageResult } from "../../engine/engine.ts";
import { endingOf } from "../../formats/format-of-name.ts";
import type { FileFormat } from "../../formats/format-options.ts";
import { stageRequest } from "../../ingest/stage-request.ts";
import type { Observation } from "../../ledger/ledger.ts";
import type { Source } from "../../sources/source.ts";
import { readHead } from "../read-head.ts";
import { sampleFiles } from "../sample-files.ts";
import { declarationText, type DeclarationParts, type SeenSchema } from "./declaration-text.ts";
import { readingOptions } from "./reading-options.ts";
import { sourceKinds, type SourceKind, type SourceKinds } from "./source-kinds.ts";
import { suggest } from "./suggest.ts";

export interface InitOptions {
  /** Undefined where there is nothing to look at yet. */
  readonly source: Source | undefined;
  /** As they are to stand in the declaration. */
  readonly names: { readonly pipeline: string; readonly source: string; readonly table: string };
  /** Absolute, links resolved: where the declaration will lie. */
  readonly baseFolder: string;
  /** A file of the source that is to be left out: the declaration itself, by its key. */
  readonly declarationKey: string | undefined;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly signal?: AbortSignal | undefined;
}

export interface InitResult {
  readonly text: string;
  readonly format: FileFormat | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly parts: DeclarationParts;
  /** Sentences that a person should read. */
  readonly notes: readonly string[];
}

const ROWS_LOOKED_AT = 1000;
const HEAD_BYTES = 256 * 1024;

/** @throws LandfallError SOURCE_MISSING, SOURCE_UNREADABLE, USAGE where no declaration can tell the files apart */
export async function initDeclaration(options: InitOptions): Promise<InitResult> {
  const { source, names, signal } = options;
  const found: SourceKinds =
    source === undefined
      ? { kinds: [], files: 0, isPartial: false, unreadable: [], marker: undefined }
      : await sourceKinds({ source, signal });
  const notes = found.unreadable.slice(0, 5).map((problem) => `left aside: ${problem}`);
  const [chosen, ...others] = found.kinds;
  const parts: DeclarationParts = {
    ...names,
    format: chosen?.format,
    files: chosen?.files.length ?? 0,
    bytes: chosen?.bytes ?? 0,
    isPartial: found.isPartial,
    marker: found.marker,
    pathGlobFilter: filterFor({ chosen, others, declarationKey: options.declarationKey }),
    others: others.map((kind) => ({ format: kind.format, files: kind.files.length, glob: globOf(kind) })),
    options: [],
    folderKeys: chosen === undefined ? [] : folderKeysOf(chosen.files),
    seen: undefined,
  };
  if (source === undefined || chosen === undefined) return result(parts, notes, options);
  const largest = chosen.files.find(({ size }) => size > 0);
  const head =
    largest === undefined
      ? Buffer.alloc(0)
      : (await readHead({ path: decodePathBytes(source.path(largest.key)), bytes: HEAD_BYTES, signal }))
          .bytes;
  const read = {
    ...parts,
    options: readingOptions({ format: chosen.format, head, ending: largest && endingOf(largest.key) }),
  };
  const seen = await lookInside({ ...options, source, chosen, parts: read, notes });
  return result({ ...read, seen }, notes, options);
}

function result(parts: DeclarationParts, notes: readonly string[], options: InitOptions): InitResult {
  const text = declarationText(parts);
  pipelineOf(text, options.baseFolder);
  return { text, format: parts.format, files: parts.files, bytes: parts.bytes, parts, notes };
}

/** What is written is read as `run` will read it. */
function pipelineOf(text: string, baseFolder: string) {
  const loaded = readDeclaration({ text, file: "pipeline.yaml", baseFolder });
  if (loaded.pipeline !== undefined) return loaded.pipeline;
  throw new LandfallError("INTERNAL", {
    message: `The declaration that was to be written has mistakes:\n${formatProblems(loaded.problems, { file: "pipeline.yaml", text })}`,
    hint: "This is a fault of Landfall: please report it with the names of the files.",
  });
}

/** The schema of a sample; undefined where no file gave one. What could not be read is noted. */
async function lookInside(
  options: InitOptions & {
    readonly source: Source;
    readonly chosen: SourceKind;
    readonly parts: DeclarationParts;
    readonly notes: string[];
  },
): Promise<SeenSchema | undefined> {
  const { source, chosen, parts, notes, engine, signal } = options;
  const pipeline = pipelineOf(declarationText(parts), options.baseFolder);
  const scratchFolder = join(options.scratchFolder, uuidv7());
  const sample = await sampleFiles({
    files: chosen.files.map(({ key, size, modifiedNs }) => ({
      key,
      path: source.path(key),
      size,
      modifiedNs,
    })),
    format: chosen.format,
    scratchFolder: options.scratchFolder,
    signal,
  });
  if (sample.files.length === 0) {
    notes.push("no file is small enough for a sample: the columns are not shown");
    return undefined;
  }
  const batch = { batchId: uuidv7(), at: Date.now() };
  const staged = await engine.stage(
    stageRequest({
      pipeline,
      format: chosen.format,
      batch: {
        files: sample.files,
        batch,
        tableSchema: undefined,
        batchSchema: undefined,
        partitionBy: [],
        mayWiden: false,
        signal,
      },
      scratchFolder,
    }),
    signal === undefined ? {} : { signal },
  );
  notes.push(...misgivings(staged));
  const ownColumns =
    pipeline.schema.rescuedDataColumn === undefined ? [] : [pipeline.schema.rescuedDataColumn];
  if (staged.dataFiles.length === 0) return undefined;
  const answer = await engine.query(
    {
      sql: "SELECT * FROM t",
      tables: [
        {
          name: "t",
          schema: staged.schema,
          partitionColumns: [],
          files: staged.dataFiles.map(({ path }) => ({ path, partitionValues: {} })),
        },
      ],
      limit: ROWS_LOOKED_AT,
    },
    signal === undefined ? {} : { signal },
  );
  return {
    schema: staged.schema,
    ownColumns,
    suggestions: suggest({ schema: staged.schema, rows: answer.rows, ownColumns }),
    rows: staged.files.reduce((sum, file) => sum + file.read, 0),
    files: sample.files.length,
  };
}

function misgivings(staged: StageResult): string[] {
  const quarantined = staged.files.filter((file) => file.outcome === "quarantined");
  const rejected = staged.files.reduce((sum, file) => sum + file.rejected, 0);
  return [
    ...quarantined
      .slice(0, 5)
      .map((file) => `${displayKey(file.key)} would be quarantined: ${file.reason ?? ""}`),
    ...(rejected > 0 ? [`${formatCount(rejected)} of the sample's records would be rejected`] : []),
    ...staged.notes,
  ];
}

/** What tells the chosen files from all others by their names; undefined where all files are chosen. */
function filterFor(options: {
  readonly chosen: SourceKind | undefined;
  readonly others: readonly SourceKind[];
  readonly declarationKey: string | undefined;
}): string | undefined {
  const { chosen, others, declarationKey } = options;
  if (others.length === 0 && declarationKey === undefined) return undefined;
  const glob = chosen === undefined ? undefined : globOf(chosen);
  if (glob !== undefined) return glob;
  const what =
    declarationKey === undefined
      ? "The source holds files of several formats, and the most frequent ones have no ending that tells them apart"
      : "The declaration would lie in its own source and be read as data, and no ending of the files tells it apart";
  throw new LandfallError("USAGE", {
    message: `${what}.`,
    hint:
      declarationKey === undefined
        ? "Name the files by a quoted glob: landfall init './in/part-*'."
        : "Write it elsewhere: --out ../pipeline.yaml.",
  });
}

/** A glob over names that takes these files; undefined where some have no ending. */
function globOf({ endings, unnamed }: SourceKind): string | undefined {
  if (unnamed > 0 || endings.length === 0) return undefined;
  const escaped = endings.map((ending) => ending.replaceAll(/[\\*?[\]{}(),!]/g, "\\$&"));
  return escaped.length === 1 ? `*${escaped[0]!}` : `*{${escaped.join(",")}}`;
}

/** Keys of folders that say a value, in the order in which they stand, where every file has them. */
function folderKeysOf(files: readonly Observation[]): string[] {
  const [first, ...rest] = files.map(({ key }) =>
    key
      .split("/")
      .slice(0, -1)
      .flatMap((folder) => /^([A-Za-z_]\w*)=/.exec(folder)?.[1] ?? []),
  );
  return (first ?? []).filter((key) => rest.every((keys) => keys.includes(key)));
}
