/** A generation as the ledger's file keeps it: `<size>-<modifiedNs>` as two integers, anything else as its text. */
import { isInt64Text } from "./arrival-id.ts";

export interface StoredGeneration {
  readonly stamp: bigint | string;
  readonly span: number;
}

const SIZE_AND_TIME = /^(0|[1-9][0-9]{0,15})-(0|[1-9][0-9]{0,18})$/;

/** Size and modification of a generation that is exactly `<size>-<modifiedNs>`; undefined for any other text. */
export function splitGeneration(
  generation: string,
): { readonly size: number; readonly modifiedNs: string } | undefined {
  const match = SIZE_AND_TIME.exec(generation);
  if (match === null) return undefined;
  const size = Number(match[1]);
  return Number.isSafeInteger(size) && isInt64Text(match[2]!) ? { size, modifiedNs: match[2]! } : undefined;
}

/** One to one: two generations are stored alike only if their texts are equal. */
export function storedGeneration(generation: string): StoredGeneration {
  const split = splitGeneration(generation);
  return split === undefined
    ? { stamp: generation, span: 0 }
    : { stamp: BigInt(split.modifiedNs), span: split.size };
}

/** SQL that gives the text of a generation back. */
export const GENERATION =
  "CASE typeof(a.stamp) WHEN 'integer' THEN a.span || '-' || a.stamp ELSE a.stamp END";
