/** What the commit of a merge says of itself, as Spark says it. Pure. */
import type { MergeCounts } from "../../engine/merge/merge-request.ts";
import { metricTexts } from "../rows/metric-texts.ts";
import type { MergeClauses } from "./merge-options.ts";

export function mergeParameters(on: string, clauses: MergeClauses): Readonly<Record<string, string>> {
  return {
    predicate: JSON.stringify([on]),
    matchedPredicates: predicates(clauses.whenMatched),
    notMatchedPredicates: predicates(clauses.whenNotMatched),
    notMatchedBySourcePredicates: predicates(clauses.whenNotMatchedBySource),
  };
}

function predicates(clauses: readonly { readonly where?: string | undefined }[]): string {
  return JSON.stringify(
    clauses.map((clause) => ({
      ...(clause.where === undefined ? {} : { predicate: clause.where }),
      actionType: "insert" in clause ? "insert" : "update" in clause ? "update" : "delete",
    })),
  );
}

export function mergeMetrics(
  counts: MergeCounts,
  of: { readonly taken: Readonly<Record<string, number>>; readonly changeFiles: number },
): Readonly<Record<string, string>> {
  const { taken, changeFiles } = of;
  const updated = counts.matchedUpdated + counts.notMatchedBySourceUpdated;
  return metricTexts({
    numSourceRows: counts.source,
    numTargetRowsInserted: counts.inserted,
    numTargetRowsUpdated: updated,
    numTargetRowsDeleted: counts.matchedDeleted + counts.notMatchedBySourceDeleted,
    numTargetRowsMatchedUpdated: counts.matchedUpdated,
    numTargetRowsMatchedDeleted: counts.matchedDeleted,
    numTargetRowsNotMatchedBySourceUpdated: counts.notMatchedBySourceUpdated,
    numTargetRowsNotMatchedBySourceDeleted: counts.notMatchedBySourceDeleted,
    numTargetRowsCopied: taken["numCopiedRows"]!,
    numOutputRows: counts.inserted + updated + taken["numCopiedRows"]!,
    numTargetFilesAdded: taken["numAddedFiles"]!,
    numTargetFilesRemoved: taken["numRemovedFiles"]!,
    numTargetBytesAdded: taken["numAddedBytes"]!,
    numTargetBytesRemoved: taken["numRemovedBytes"]!,
    numTargetDeletionVectorsAdded: taken["numDeletionVectorsAdded"]!,
    numTargetDeletionVectorsUpdated: taken["numDeletionVectorsUpdated"]!,
    numTargetDeletionVectorsRemoved: taken["numDeletionVectorsRemoved"]!,
    numTargetChangeFilesAdded: changeFiles,
  });
}
