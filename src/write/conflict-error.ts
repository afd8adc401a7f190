import { LandfallError } from "../base/landfall-error.ts";
import type { Conflict, ConflictCode } from "../delta/conflicts/judge-conflict.ts";
import type { WritePlan } from "./write-plan.ts";

const WHAT_HAPPENED: Readonly<Record<ConflictCode, (what: string) => string>> = {
  CONFLICT_PROTOCOL_CHANGED: () => "changed the table's protocol",
  CONFLICT_METADATA_CHANGED: () => "changed the table's schema or properties",
  CONFLICT_CONCURRENT_TRANSACTION: (what) => `committed ${what}, too`,
  CONFLICT_CONCURRENT_APPEND: (what) => `added ${what}, whose rows may be among those that were looked for`,
  CONFLICT_CONCURRENT_DELETE_READ: (what) => `removed ${what}, which had been read`,
  CONFLICT_CONCURRENT_DELETE_DELETE: (what) => `removed ${what}, which was to be removed`,
};

/** Of a write that was planned as often as it may be; nothing of it stands. */
export function conflictError(
  conflict: Conflict & { readonly after: number },
  { table, plan }: { readonly table: string; readonly plan: WritePlan },
): LandfallError {
  const { code, what, after } = conflict;
  return new LandfallError(code, {
    message: `${plan.operation} on ${table} was not committed: another writer's version ${after} ${WHAT_HAPPENED[code](what ?? "")}.`,
    table,
    version: after,
  });
}
