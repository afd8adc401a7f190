/** The table of the history: its columns, and a manifest's rows for it. docs/reference/history.md is made of this list. */
import { displayKey } from "../../base/path-bytes.ts";
import { statisticsJson } from "../../delta/statistics.ts";
import { nullableField, type DataType, type StructType } from "../../schema/data-type.ts";
import type { Manifest, ManifestArrival } from "../manifest.ts";
import { declaredNameOf } from "../pipeline-name.ts";

/** A batch that committed. */
export interface PublishedBatch {
  readonly manifest: Manifest;
  /** The version of the table that it made. */
  readonly version: number;
}

interface HistoryColumn {
  readonly name: string;
  readonly type: DataType;
  readonly meaning: string;
  readonly value: (arrival: ManifestArrival, batch: PublishedBatch) => string | number | null;
}

const column = (
  name: string,
  type: DataType,
  meaning: string,
  value: HistoryColumn["value"],
): HistoryColumn => ({ name, type, meaning, value });

export const HISTORY_COLUMNS: readonly HistoryColumn[] = [
  column("pipeline", "string", "the pipeline", (_, { manifest }) => declaredNameOf(manifest.pipeline)),
  column(
    "pipeline_id",
    "string",
    "its id, which a pipeline that begins anew has another of",
    (_, { manifest }) => manifest.pipelineId,
  ),
  column("batch", "long", "the number of the batch", (_, { manifest }) => manifest.number),
  column("batch_id", "string", "its id", (_, { manifest }) => manifest.batchId),
  column("version", "long", "the version of the table that the batch made", (_, { version }) => version),
  column("staged_at", "timestamp", "when its files had been read", (_, { manifest }) => manifest.stagedAt),
  column("file", "string", "the file's path below the source, as people are shown it", ({ key }) =>
    displayKey(key),
  ),
  column(
    "key",
    "string",
    "the same with every byte outside printable ASCII percent-encoded",
    ({ key }) => key,
  ),
  column("generation", "string", "what tells two states of one file apart", ({ generation }) => generation),
  column("size", "long", "bytes as listed", ({ size }) => size),
  column("modified", "timestamp", "when it was modified last, as listed", ({ modifiedNs }) =>
    instantText(modifiedNs),
  ),
  column("outcome", "string", "committed, quarantined or skipped", ({ outcome }) => outcome),
  column("rule", "string", "the rule by which it was skipped", ({ rule }) => rule ?? null),
  column("reason", "string", "why it was quarantined or skipped", ({ reason }) => reason ?? null),
  column("rows_read", "long", "records read", ({ read }) => read),
  column(
    "rows_written",
    "long",
    "of them in the table; with a transform those that went into it",
    ({ written }) => written,
  ),
  column(
    "rows_rescued",
    "long",
    "of those written: with something in the rescued-data column",
    ({ rescued }) => rescued,
  ),
  column("rows_rejected", "long", "set aside, with the reason", ({ rejected }) => rejected),
  column(
    "rows_ignored",
    "long",
    "of those written: something was left out, since there is no rescued-data column",
    ({ ignored }) => ignored ?? 0,
  ),
  column(
    "rows_corrupt",
    "long",
    "of those written: the text of a record that could not be read",
    ({ corrupt }) => corrupt ?? 0,
  ),
  column("bytes_read", "long", "bytes read of it", ({ bytes }) => bytes),
  column("crc32", "long", "the CRC-32 of those bytes", ({ crc32 }) => crc32),
];

export const HISTORY_SCHEMA: StructType = {
  type: "struct",
  fields: HISTORY_COLUMNS.map(({ name, type }) => nullableField(name, type)),
};

/** A line of JSON for each arrival. */
export function historyLines(batch: PublishedBatch): string {
  return batch.manifest.arrivals
    .map((arrival) => {
      const row = HISTORY_COLUMNS.map(({ name, value }) => [name, value(arrival, batch)] as const);
      return `${JSON.stringify(Object.fromEntries(row))}\n`;
    })
    .join("");
}

/** Files lie one after the other by batch, so readers that ask for one skip the others. */
export function historyStatistics(of: {
  readonly rows: number;
  readonly first: number;
  readonly last: number;
}): string {
  return statisticsJson({
    numRecords: of.rows,
    schema: HISTORY_SCHEMA,
    partitionColumns: [],
    configuration: {},
    columns: [{ path: ["batch"], min: String(of.first), max: String(of.last), nullCount: 0 }],
  });
}

/** To the microsecond; null for a time that no calendar has. */
function instantText(nanoseconds: string): string | null {
  const micros = BigInt(nanoseconds) / 1000n;
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const date = new Date(Number((micros - rest) / 1000n));
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) return null;
  return `${date.toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}
