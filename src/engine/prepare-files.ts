/** The second pass: files that the engine cannot take as they are become lines of JSON that it can. */
import { join } from "node:path";
import type { TargetNode } from "../schema/fit.ts";
import { bytesProgress } from "./bytes-progress.ts";
import type { StageRequest, StageResult } from "./engine.ts";
import { grouped } from "./group-files.ts";
import type { Places } from "./scan-batch.ts";
import type { MisfitNumbers } from "./scan/misfit-numbers.ts";
import type { PreparedFile, PrepareFile, RecordMark } from "./scan/scan-jobs.ts";
import type { StageContext, TextRequest } from "./stage-text.ts";

export interface Prepared {
  readonly files: ReadonlyMap<number, PreparedFile>;
  readonly outputs: readonly string[];
  readonly rejects: readonly string[];
  readonly longest: number;
  /** By the ranks of files; none unless they are asked for. */
  readonly misfitNumbers: readonly (MisfitNumbers & { readonly rank: number })[];
}

export interface PrepareOptions extends Places {
  readonly request: TextRequest;
  readonly target: TargetNode;
  /** The keys of the columns for what fits no other and for records that cannot be read, where there are such columns. */
  readonly rescuedColumn: string | undefined;
  readonly corruptColumn: string | undefined;
  readonly mark: RecordMark | undefined;
  /** What the names of the outputs begin with. Default: prepared. */
  readonly prefix?: string;
  /** Tells which numbers do not fit their columns. Default: false. */
  readonly learnsMisfits?: boolean;
}

export async function prepareFiles(
  files: readonly PrepareFile[],
  context: StageContext,
  options: PrepareOptions,
): Promise<Prepared> {
  const results = await context.pool.run(
    grouped(files).map((group, i) => ({
      kind: "prepare",
      format: options.request.format,
      formats: options.request.formats,
      files: group,
      target: options.target,
      rescuedColumn: options.rescuedColumn,
      corruptColumn: options.corruptColumn,
      mark: options.mark,
      learnsMisfits: options.learnsMisfits ?? false,
      outPrefix: join(options.inputs, `${options.prefix ?? "prepared"}-${i}`),
      limits: options.limits,
    })),
    { signal: context.signal, onBytes: bytesProgress(context, "prepare", files) },
  );
  const counted = results.flatMap((result) => result.files);
  return {
    files: countsByRank(counted),
    misfitNumbers: counted.flatMap(({ rank, misfitNumbers = [] }) =>
      misfitNumbers.map((numbers) => ({ ...numbers, rank })),
    ),
    outputs: results.flatMap((result) => result.outputs),
    rejects: results.flatMap((result) => (result.rejects === undefined ? [] : [result.rejects])),
    longest: results.reduce((most, result) => Math.max(most, result.longest), 0),
  };
}

/** Each key once, with the first file that holds it. */
export function ignoredKeys(request: StageRequest, prepared: Prepared): Pick<StageResult, "ignored"> {
  const keys = new Map<string, string>();
  for (const [rank, { ignoredKeys: found }] of [...prepared.files].sort(([a], [b]) => a - b)) {
    for (const path of found ?? []) if (!keys.has(path)) keys.set(path, request.files[rank]!.key);
  }
  return keys.size === 0 ? {} : { ignored: [...keys].map(([path, file]) => ({ path, file })) };
}

/** The members of an archive add up under its rank. */
function countsByRank(files: readonly PreparedFile[]): Map<number, PreparedFile> {
  const counts = new Map<number, PreparedFile>();
  for (const file of files) {
    const before = counts.get(file.rank);
    const { records = 0, written = 0, rescued = 0, rejected = 0 } = before ?? {};
    const isCounted = before?.ignored !== undefined || file.ignored !== undefined;
    const { corrupt } = file;
    counts.set(file.rank, {
      rank: file.rank,
      records: records + file.records,
      written: written + file.written,
      rescued: rescued + file.rescued,
      rejected: rejected + file.rejected,
      ...(isCounted ? { ignored: (before?.ignored ?? 0) + (file.ignored ?? 0) } : {}),
      ...(corrupt === undefined ? {} : { corrupt: (before?.corrupt ?? 0) + corrupt }),
      ignoredKeys: [...(before?.ignoredKeys ?? []), ...(file.ignoredKeys ?? [])],
    });
  }
  return counts;
}
