/**
 * `verify --source`: reads the inputs again that are still there, without the scanner and without DuckDB, and compares: their bytes and
 * checksum and the number of their records with the manifest, and of JSON the values with those of the batch's data files. What is gone,
 * and what is not counted here, is said, and never counted as passed (docs/reference/verify.md).
 */
import { displayKey, encodePathBytes } from "../../../base/path-bytes.ts";
import type { Manifest, ManifestArrival } from "../../../ingest/manifest.ts";
import type { PipelineIdentity } from "../../../ingest/pipeline-identity.ts";
import type { LedgerReader } from "../../../ledger/ledger-reader.ts";
import { PROVENANCE_FIELDS } from "../../../schema/provenance.ts";
import type { Findings } from "../finding.ts";
import {
  comparableFiles,
  rejectedRecords,
  RESCUED,
  sumsOfTable,
  type BatchRowsOptions,
} from "./batch-rows.ts";
import { countedReader, type CountedReader } from "./counted-reader.ts";
import { findInput, readInput, type InputRead } from "./input-bytes.ts";
import { countRecords } from "./input-records.ts";
import { parseRow, ValueSums } from "./value-sums.ts";

export interface SourceCounts {
  /** Inputs that were read whole, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Records that were counted. */
  readonly records: number;
  /** Rows of the table that were compared with records, value by value. */
  readonly rows: number;
}

export type OnSourceProgress = (done: SourceCounts) => void;

export interface SourceCheckOptions extends BatchRowsOptions {
  readonly onProgress?: OnSourceProgress;
}

export interface CheckedPipeline {
  readonly identity: PipelineIdentity;
  readonly ledger: LedgerReader | undefined;
}

export interface SourceCheck {
  /** Batch after batch, so that no more than one is ever held. */
  batch(pipeline: CheckedPipeline, manifest: Manifest): Promise<void>;
  end(): SourceCounts;
}

export function sourceCheck(options: SourceCheckOptions): SourceCheck {
  const { findings, snapshot, view } = options;
  const counts = { files: 0, bytes: 0, records: 0, rows: 0 };
  const others: {
    readonly where: string;
    readonly counted: number;
    readonly stated: number;
    /** The manifest says how the file was read. */
    readonly isTold: boolean;
  }[] = [];
  let agreed = 0;
  /** How many files, by the option that stands in the way; undefined for formats and layouts. */
  const uncounted = new Map<string | undefined, number>();
  const own = new Set<string>([RESCUED, ...Object.keys(PROVENANCE_FIELDS), ...snapshot.partitionColumns]);
  const columns = snapshot.schema.fields.filter(({ name }) => !own.has(name));

  const checkArrival = async (
    pipeline: CheckedPipeline,
    arrival: ManifestArrival,
    told: Manifest["reader"],
    see: ((text: string, record: number) => void) | undefined,
  ): Promise<"agrees" | "differs"> => {
    const where = `${displayKey(arrival.key)} of ${pipeline.identity.name}`;
    const path = await findInput(await pathsOf(pipeline, arrival), arrival);
    if (path === undefined) {
      findings.add("unprovable", "SOURCE_FILE_GONE", {
        what: "The file lies neither in the source as it was read nor where Landfall moved it: nothing can be compared with it.",
        where,
      });
      return "differs";
    }
    const answer = arrival.outcome === "committed" ? countedReader(arrival.key, told) : { option: undefined };
    const reader = "reader" in answer ? answer.reader : undefined;
    const again = await readAgain(path, { size: arrival.size, reader, see, signal: options.signal });
    if (again === undefined) {
      const what = "The file cannot be read to its end: nothing can be compared with it.";
      findings.add("unprovable", "SOURCE_FILE_GONE", { what, where });
      return "differs";
    }
    const { read, records } = again;
    counts.files += 1;
    counts.bytes += read.bytes;
    options.onProgress?.(counts);
    if (read.bytes !== arrival.bytes || read.crc32 !== arrival.crc32) {
      const isNamedByContent = !/^\d+-\d+$/.test(arrival.generation);
      // A generation that is told by its content is another one then.
      findings.add(
        isNamedByContent ? "unprovable" : "fault",
        isNamedByContent ? "SOURCE_FILE_GONE" : "SOURCE_FILE_CHANGED",
        {
          what: `The file has other bytes than were read (${arrival.bytes} bytes of CRC-32 ${arrival.crc32}; now ${read.bytes} of ${read.crc32}), with the size and time of then.`,
          where,
          hint: "Somebody wrote into it and set its time back; its rows are those of the earlier bytes. generation: contentHash notices that.",
        },
      );
      return "differs";
    }
    if (arrival.outcome !== "committed") return "agrees";
    if (records === undefined) {
      const option = "option" in answer ? answer.option : undefined;
      uncounted.set(option, (uncounted.get(option) ?? 0) + 1);
      return "differs";
    }
    counts.records += records;
    if (records === arrival.read) {
      agreed += 1;
      return "agrees";
    }
    others.push({ where, counted: records, stated: arrival.read, isTold: told !== undefined });
    return "differs";
  };

  return {
    async batch(pipeline, manifest) {
      const inTable = comparableFiles(options, manifest);
      const rejected = inTable && (await rejectedRecords(options, manifest));
      const sums = rejected && new ValueSums(columns);
      let isWhole = true;
      for (const arrival of manifest.arrivals) {
        options.signal?.throwIfAborted();
        if (arrival.outcome === "skipped") continue;
        const see =
          sums &&
          ((text: string, record: number): void => {
            if (rejected.has(`${arrival.key}\n${record}`)) return;
            const row = parseRow(text);
            if (row === undefined) isWhole = false;
            else sums.add(row);
          });
        if ((await checkArrival(pipeline, arrival, manifest.reader, see)) === "differs") isWhole = false;
      }
      if (sums === undefined || inTable === undefined || !isWhole) return;
      const table = await sumsOfTable(options, { files: inTable, columns });
      if (table === undefined) return;
      counts.rows += table.rows;
      compare(findings, {
        inputs: sums,
        table,
        where: `batch ${manifest.number} of ${pipeline.identity.name}`,
      });
    },
    end() {
      // Manifests of an earlier Landfall do not say how the files were read: where no file agrees, it was in another way.
      for (const { where, counted, stated, isTold } of others) {
        const isFault = isTold || agreed > 0;
        findings.add(isFault ? "fault" : "unprovable", "SOURCE_RECORDS_DIFFER", {
          what: `The file has ${counted} records, counted by other means; its manifest says ${stated}.`,
          where,
          hint: isFault
            ? "Rows are lost or doubled, or the manifest was edited: look at the file and its rows."
            : "It is read here as its name says, with default options; the pipeline may read it in another way.",
        });
      }
      for (const [option, files] of uncounted) {
        const many = files === 1 ? "1 file is" : `${files} files are`;
        findings.add("unprovable", "SOURCE_NOT_COUNTED", {
          what:
            option === undefined
              ? `${many} of a format or layout whose records are not counted by other means: the bytes are those that were read.`
              : `Records not compared: ${files === 1 ? "1 file was" : `${files} files were`} read with the option ${option}, which is not honoured by other means. The bytes are those that were read.`,
          where: view.storage.location,
        });
      }
      return counts;
    },
  };
}

/** Where it lay, and where it was moved to. */
async function pathsOf({ identity, ledger }: CheckedPipeline, arrival: ManifestArrival): Promise<string[]> {
  const inSource = `${encodePathBytes(identity.source)}/${arrival.key}`;
  const events = (await ledger?.events(arrival)) ?? [];
  const moved = events.findLast(({ event }) => event === "archived" || event === "moved")?.detail;
  return moved === undefined ? [inSource] : [inSource, moved];
}

/** Undefined for what cannot be read to its end. */
async function readAgain(
  path: Buffer,
  options: {
    readonly size: number;
    readonly reader: CountedReader | undefined;
    readonly see: ((text: string, record: number) => void) | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly read: InputRead; readonly records: number | undefined } | undefined> {
  const { size, reader, see, signal } = options;
  let records: number | undefined;
  if (reader !== undefined) {
    try {
      const count = async (content: AsyncIterable<Buffer>): Promise<void> => {
        records = await countRecords(content, reader, see);
      };
      const read = await readInput(path, count, signal);
      if (read.bytes === size) return { read, records };
    } catch {
      signal?.throwIfAborted();
      records = undefined;
    }
  }
  // Of a layout that is not read here, damaged, or with bytes behind its packing: the bytes are told by a read of their own.
  try {
    return { read: await readInput(path, undefined, signal), records };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function compare(
  findings: Findings,
  { inputs, table, where }: { readonly inputs: ValueSums; readonly table: ValueSums; readonly where: string },
): void {
  const hint =
    "Rows were lost, doubled or changed after they had been read: restore the data files from a backup, or read the files again.";
  if (inputs.rows !== table.rows) {
    findings.add("fault", "SOURCE_ROWS_DIFFER", {
      what: `The inputs of the batch hold ${inputs.rows} records that were not rejected; its data files hold ${table.rows} rows.`,
      where,
      hint,
    });
    return;
  }
  for (const name of inputs.seen) {
    if (inputs.uncertain.has(name) || table.uncertain.has(name) || inputs.sumOf(name) === table.sumOf(name))
      continue;
    findings.add("fault", "SOURCE_ROWS_DIFFER", {
      what: `The column ${name} does not hold the values that the inputs of the batch hold.`,
      where,
      hint,
    });
  }
}
