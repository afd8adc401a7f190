/** Tables of the corpora on which the judges are judged: plain, partitioned, all types, checkpoints, mapping, deletion vectors. */

/** Below `delta/golden`, with the rows that Spark read from them. */
export const GOLDEN_TABLES: readonly string[] = [
  "snapshot-data3",
  "data-reader-array-primitives",
  "data-reader-date-types-Asia",
  "data-skipping-basic-stats-all-types",
  "data-skipping-basic-stats-all-types-checkpoint",
  "data-skipping-basic-stats-all-types-columnmapping-id",
  "data-skipping-basic-stats-all-types-columnmapping-name",
  "data-skipping-partition-and-data-column",
  "kernel-timestamp-timestamp_micros",
  "kernel-timestamp-timestamp_millis",
  "log-replay-special-characters-a",
  "time-travel-partition-changes-a",
  "time-travel-schema-changes-a",
];

/** Below `delta/more`, with their row counts (expected-counts.tsv). */
export const OTHER_TABLES: Readonly<Record<string, number>> = {
  "delta-rs/delta-0.8.0-null-partition": 2,
  "delta-rs/delta-2.2.0-partitioned-types": 3,
  "delta-rs/http_requests": 1581,
  "delta-rs/partition-type-primitives": 16,
  "delta-rs/table_with_column_mapping": 5,
  "delta-rs/table_with_partitioning_mapping": 2,
  "kernel-java/basic-dv-with-checkpoint": 454,
  "kernel-java/column-mapping-id": 20,
  "kernel-java/data-reader-partition-values-column-mapping-name": 3,
  "kernel-java/kernel-pagination-v2-checkpoint-parquet": 210,
  "kernel-rs-data-x/v2-checkpoints-json-with-sidecars": 1233,
  "kernel-rs-data-x/cdf-table-update-ops": 10,
  "kernel-rs-data/basic_partitioned": 6,
  "kernel-rs-data/parquet_row_group_skipping": 5,
  "kernel-rs-data/timestamp-truncation-stats": 6,
  "kernel-rs-data/with-short-dv": 7,
};
