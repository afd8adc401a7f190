/** What can be asked of a table and the pipelines that feed it. Nothing is changed by it, and it works while a pipeline runs. */
import { systemClock } from "../base/clock.ts";
import type { ArrivalState } from "../ledger/states.ts";
import { openTableView, type OpenTableView } from "../open/open-table-view.ts";
import { globFilter } from "../operate/glob-filter.ts";
import { listFiles, type FileList } from "../operate/list-files.ts";
import { listRejects, type RejectList } from "../operate/list-rejects.ts";
import { queryLedger, type LedgerQueryResult } from "../operate/query-ledger.ts";
import { queryTable, type TableQueryResult } from "../operate/query-table.ts";
import { tableStatus, type TableStatus } from "../operate/status.ts";
import { verifyTable, type VerifyResult } from "../operate/verify/verify.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import { closedError } from "../base/closed-error.ts";

export interface LookOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface FilesOptions extends LookOptions {
  /** Files whose path below the source this glob matches; one without a slash looks at names in every folder. Default: all. */
  readonly glob?: string | undefined;
  /** Default: all. */
  readonly states?: readonly ArrivalState[] | undefined;
  /** At most so many. Default: 1,000. */
  readonly limit?: number | undefined;
}

export interface VerifyTableOptions extends LookOptions {
  /** Reads the data files too: counts their rows and recomputes their statistics. Default: false. */
  readonly data?: boolean | undefined;
  /** Reads the inputs again that are still there: compares their bytes, records and values. Default: false. */
  readonly source?: boolean | undefined;
}

export interface QueryOptions extends LookOptions {
  /** Rows at most. Default: 1,000. */
  readonly limit?: number | undefined;
}

export interface TableQueryOptions extends QueryOptions {
  /** Also reads files outside of the table's folder that its log names. Default: false, TABLE_FILE_OUTSIDE. */
  readonly allowOutside?: boolean | undefined;
}

/** Each rejects with a LandfallError, TABLE_MISSING where there is neither a table nor a pipeline, or with the signal's reason. */
export interface TableLooks {
  /** What is waiting, what went in, what did not. */
  status(options?: LookOptions): Promise<TableStatus>;
  /** What became of files, in the order of their names. */
  files(options?: FilesOptions): Promise<FileList>;
  /** The records that committed batches rejected: where they stood, why, and what they hold. */
  rejected(options?: Omit<FilesOptions, "states">): Promise<RejectList>;
  /** Whether every file and every row is accounted for once; a fault is a finding, not an error. */
  verify(options?: VerifyTableOptions): Promise<VerifyResult>;
  /** Answers one SELECT over the table's newest version, whose name in it is `t`. */
  query(sql: string, options?: TableQueryOptions): Promise<TableQueryResult>;
  /** Answers one SELECT over what became of files: the tables `files`, `batches` and `rejects` of `landfall query`. */
  queryLedger(sql: string, options?: QueryOptions): Promise<LedgerQueryResult>;
}

const LIMIT = 1000;

/** Opens what is needed with the first question. `close` waits for those under way. */
export function tableLooks(options: {
  readonly location: string;
  readonly stateFolder: string | undefined;
  /** Only this pipeline, where several feed the table. Default: all. */
  readonly pipeline?: string;
  /** Ends every question. */
  readonly signal: AbortSignal | undefined;
  /** True while the caller holds the pipeline and runs nothing: nothing of it is then left unjudged. Default: never. */
  readonly isAtRest?: () => boolean;
}): TableLooks & { close(): Promise<void> } {
  const { location, stateFolder, pipeline, isAtRest } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let opened: Promise<OpenTableView> | undefined;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing.abort(closedError("table"));
    await Promise.allSettled(underWay);
    await (await opened?.catch(() => undefined))?.close();
  };
  const look = async <T>(
    asked: LookOptions | undefined,
    ask: (view: OpenTableView, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const given = [options.signal, asked?.signal].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any([closing.signal, ...given]);
    signal.throwIfAborted();
    // Nothing of a person's prints in an engine that only reads.
    opened ??= openTableView({ location, state: stateFolder, onOutput: () => {} });
    const answer = opened.then((view) => ask(view, signal));
    underWay.add(answer);
    try {
      return await answer;
    } finally {
      underWay.delete(answer);
    }
  };
  return {
    status: (asked) => look(asked, (view) => tableStatus(view, { pipeline })),
    files: (asked = {}) => {
      const { glob, states, limit = LIMIT } = asked;
      return look(asked, (view, signal) =>
        listFiles(view, { ...meant(glob), pipeline, states, limit, clock: systemClock, signal }),
      );
    },
    rejected: (asked = {}) => {
      const { glob, limit = LIMIT } = asked;
      return look(asked, (view, signal) =>
        listRejects(view, { ...meant(glob), pipeline, limit, clock: systemClock, signal }),
      );
    },
    verify: (asked = {}) =>
      look(asked, (view, signal) => {
        const { engine } = view;
        const lookAtLease = async (name: string): ReturnType<OpenTableView["lookAtLease"]> =>
          declaredNameOf(name) === pipeline && isAtRest?.() === true ? undefined : view.lookAtLease(name);
        const data = asked.data === true ? { engine } : {};
        const source = asked.source === true ? { source: { engine } } : {};
        return verifyTable({ ...view, lookAtLease }, { clock: systemClock, ...data, ...source, signal });
      }),
    query: (sql, asked = {}) =>
      look(asked, ({ storage, engine, parquet: { scratchFolder } }, signal) =>
        queryTable({
          storage,
          engine,
          scratchFolder,
          sql,
          limit: asked.limit ?? LIMIT,
          allowOutside: asked.allowOutside,
          signal,
        }),
      ),
    queryLedger: (sql, asked = {}) =>
      look(asked, (view, signal) =>
        queryLedger(view, { sql, limit: asked.limit ?? LIMIT, pipeline, clock: systemClock, signal }),
      ),
    close: () => (closed ??= close()),
  };
}

function meant(glob: string | undefined): Partial<ReturnType<typeof globFilter>> {
  return glob === undefined ? {} : globFilter(glob);
}
