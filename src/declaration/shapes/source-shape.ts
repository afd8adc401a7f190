import { z } from "zod";
import { option } from "../../formats/option.ts";
import { FORMATS } from "../../formats/format-options.ts";
import { backfillShape } from "../backfill.ts";
import { markerShape } from "../marker.ts";
import { UNFINISHED_NAMES } from "../unfinished-names.ts";
import { archiveFolderFault, locationFault, namePatternFault, pathColumnFault } from "../value-faults.ts";
import { checked, duration, instant } from "./values.ts";

/** The values of the options that offer a choice. */
export const ON_OVERWRITE = ["ignore", "append", "fail"] as const;
export const GENERATIONS = ["mtime", "contentHash"] as const;
export const READ_ORDERS = ["oldest", "newest", "name"] as const;
export const CLEAN_SOURCE = ["OFF", "MOVE", "DELETE"] as const;

export type OnOverwrite = (typeof ON_OVERWRITE)[number];
export type ReadOrder = (typeof READ_ORDERS)[number];
export type GenerationKind = (typeof GENERATIONS)[number];

export const sourceShape = z.strictObject({
  location: checked(locationFault).meta(
    option(
      "location",
      "Where files appear: a folder, a file, or a glob. Relative to the declaration's folder. A glob's literal beginning is the pipeline's source; the rest filters it.",
    ),
  ),
  format: z
    .enum(FORMATS)
    .optional()
    .meta(
      option(
        "choice",
        "The files' format. Left out: told by their names; once a batch has been read, a name that tells none is no obstacle. Compression is told by content.",
      ),
    ),
  pathGlobFilter: checked((text) => {
    if (text === "") return { message: "must be a glob, not empty" };
    if (!text.includes("/")) return undefined;
    return {
      message: "is compared with file names, which hold no /",
      hint: "Put folders into source.location: `in/2024-*/*.json`.",
    };
  })
    .optional()
    .meta(option("text", "Only files whose name (not path) matches this glob, such as `*.json`.")),
  ignore: z
    .array(checked(namePatternFault))
    .optional()
    .meta(
      option(
        "list",
        `Names of files and folders that are passed by, as globs, since what they name is not finished. Left out: ${UNFINISHED_NAMES.map((name) => `\`${name}\``).join(", ")}, except what the location or \`pathGlobFilter\` itself asks for. An empty list passes nothing by.`,
      ),
    ),
  ignoreHidden: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "Whether names that begin with `.` or `_` are passed by. With `false` they are read like any others, but for `.landfall`, `_landfall` and `_delta_log`; writers that hide a file while they write it (rsync, Syncthing) then need `ignore`.",
      ),
    ),
  marker: markerShape
    .optional()
    .meta(
      option(
        "map",
        "What says that a file is finished, instead of half a second of rest: `{ suffix: .done }`, `x.json` is taken once `x.json.done` is there; `{ extension: .done }`, once `x.done` is; `{ file: _SUCCESS }`, the files of a folder and of those below it once that file is there, all of them as one batch. What is newer than its marker waits until the marker is written anew. Markers are never read as data.",
      ),
    ),
  order: z
    .enum(READ_ORDERS)
    .default("oldest")
    .meta(
      option(
        "choice",
        "What is read first of what is there: what was modified longest ago, what was modified last, or by name (the path below the source, byte by byte). Two states of one file are read in the order in which they came, whatever it says.",
      ),
    ),
  backfill: backfillShape
    .optional()
    .meta(
      option(
        "map",
        "An old stock of files, which is read after everything newer, and no faster than stated: `{ before: 2026-01-01, maxBytesPerDay: 50g }`. Files that were last modified before the instant are the stock; left out, before the pipeline's first run. A day is one of UTC. A single larger file goes on a day of its own.",
      ),
    ),
  recursiveFileLookup: z
    .boolean()
    .default(true)
    .meta(option("boolean", "Whether files in folders below the location are read too.")),
  includeExistingFiles: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "Whether the files that are there at the pipeline's first start are read. Looked at only then.",
      ),
    ),
  modifiedAfter: instant()
    .optional()
    .meta(
      option(
        "text",
        "Only files that were last modified after this instant, such as `2026-01-31T00:00:00Z`; a time without a zone is in UTC.",
      ),
    ),
  modifiedBefore: instant()
    .optional()
    .meta(option("text", "Only files that were last modified before this instant.")),
  onOverwrite: z
    .enum(ON_OVERWRITE)
    .default("ignore")
    .meta(
      option(
        "choice",
        "What happens when a file that was read changes: `ignore` counts and shows it, `append` reads it as more rows, `fail` stops the run.",
      ),
    ),
  generation: z
    .enum(GENERATIONS)
    .default("mtime")
    .meta(
      option(
        "choice",
        "What tells two states of one file apart: size and modification time, or also a hash of the content (reads every file once more).",
      ),
    ),
  partitionColumns: z
    .array(checked(pathColumnFault))
    .default([])
    .meta(
      option(
        "list",
        "Keys of Hive-style folders (`year=2024/`) in the files' paths that become columns: STRING unless `schema.hints` or `schema.columns` give a type. Null where a path lacks the key; a file whose value does not fit the type is quarantined.",
      ),
    ),
  cleanSource: z
    .enum(CLEAN_SOURCE)
    .optional()
    .meta(
      option(
        "choice",
        "Auto Loader's name for `archive`: `MOVE` is `archive.to`, `DELETE` is `archive.delete`. A file counts as processed from its commit on; every later run tidies, also one that finds nothing new.",
      ),
    ),
  "cleanSource.retentionDuration": duration()
    .optional()
    .meta(
      option(
        "duration",
        "How long after its commit a file is moved or deleted, with `cleanSource`. Left out: 30 days. `DELETE` needs more than 7 days, as on Databricks; `archive.after` needs no such time.",
      ),
    ),
  "cleanSource.moveDestination": checked(archiveFolderFault)
    .optional()
    .meta(
      option(
        "text",
        "Where `cleanSource: MOVE` moves to: `archive.to`. Unlike on Databricks it may be on another file system.",
      ),
    ),
});
