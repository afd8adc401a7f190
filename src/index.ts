/**
 * Landfall as a library: `import { openPipeline } from "landfall"`. The same as the command line, without its output: nothing is printed,
 * no environment variable is read, the process is never ended. See docs/guide/library.md.
 */
export { ERROR_CODES, type ErrorCode } from "./base/error-codes.ts";
export { isLandfallError, LandfallError, type ErrorSubject } from "./base/landfall-error.ts";
export { oneAtATime } from "./base/one-at-a-time.ts";
export type { FilePlace, Problem } from "./declaration/problem.ts";
export type { QueryResult } from "./engine/engine.ts";
export type { Answer, Chunk, Transform, Value } from "./engine/transform/transform.ts";
export type { BatchCounts, BatchStage, IngestEvent, StageMilliseconds } from "./ingest/events.ts";
export type { ArrivalCounts, LedgerSummary } from "./ledger/ledger.ts";
export type { LeaseSight } from "./ledger/lock.ts";
export type { ArrivalState, BatchState, SkipRule } from "./ledger/states.ts";
export type { Declaration } from "./library/declaration.ts";
export {
  openPipeline,
  type OpenPipelineOptions,
  type PipelineHandle,
  type RunOptions,
} from "./library/open-pipeline.ts";
export { openTable, query, type OpenTable, type OpenTableOptions } from "./library/open-table.ts";
export { checkDeclaration, readDeclaration, type ReadDeclaration } from "./library/read-declaration.ts";
export type {
  FilesOptions,
  LookOptions,
  QueryOptions,
  TableLooks,
  TableQueryOptions,
  VerifyTableOptions,
} from "./library/table-looks.ts";
export type { FileList, ListedFile } from "./operate/list-files.ts";
export type { RejectedRecord, RejectList } from "./operate/list-rejects.ts";
export type { LedgerQueryResult } from "./operate/query-ledger.ts";
export type { TableQueryResult } from "./operate/query-table.ts";
export type { RunDocument } from "./operate/run-report.ts";
export type { StageTimes } from "./operate/stage-times.ts";
export type { BatchStatus, LedgerStatus, PipelineStatus, TableStatus } from "./operate/status.ts";
export type { Finding, FindingCode, FindingLevel } from "./operate/verify/finding.ts";
export type { VerifyCounts, VerifyResult } from "./operate/verify/verify.ts";
