/** A write that is to happen once, however often it is tried (PROTOCOL.md, "Transaction Identifiers"). */
import { checkOptions, demandOptions, type OptionKinds } from "../base/check-options.ts";
import type { Action } from "../delta/actions.ts";
import type { TableState } from "../delta/table-state.ts";

export interface TransactionId {
  /** Of the application: a name of its own, or an id. */
  readonly appId: string;
  /** Of this write: higher than those of the application's writes before. */
  readonly version: number | bigint;
}

const KINDS: OptionKinds<TransactionId> = { appId: "text", version: "integer" };

/** @throws LandfallError USAGE for one that a log could not hold */
export function checkTransactionId(txn: TransactionId | undefined): void {
  checkOptions("the transaction (txn)", txn, KINDS);
  if (txn !== undefined) demandOptions("the transaction (txn)", txn, ["appId", "version"]);
}

/** True where the table holds this write already, or a later one of its application. */
export function isDone({ txns }: Pick<TableState, "txns">, txn: TransactionId | undefined): boolean {
  const last = txn === undefined ? undefined : txns.get(txn.appId);
  return last !== undefined && BigInt(last.version) >= BigInt(txn!.version);
}

/** @param now milliseconds since the epoch */
export function txnActions(txn: TransactionId | undefined, now: number): readonly Action[] {
  return txn === undefined ? [] : [{ txn: { appId: txn.appId, version: txn.version, lastUpdated: now } }];
}
