/** What makes the table's rows of a batch's. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { ModuleTransform } from "./module-child.ts";

/** One SELECT over `batch`. */
export interface SqlTransform {
  readonly kind: "sql";
  /** How messages call it: the file's name, or `transform`. */
  readonly name: string;
  readonly sql: string;
  /** How long it may take for a batch. Default: as long as it likes. */
  readonly timeLimitMs?: number;
}

export type BatchTransform = SqlTransform | ModuleTransform;

/** The transform as the subject of a sentence. */
export function titleOf({ name }: Pick<BatchTransform, "name">): string {
  return name === "transform" ? "The transform" : `The transform ${name}`;
}

export function invalidTransform(
  transform: Pick<BatchTransform, "name">,
  fault: string,
  options: { readonly hint?: string; readonly cause?: unknown; readonly file?: string } = {},
): LandfallError {
  const { cause, file } = options;
  return new LandfallError("TRANSFORM_INVALID", {
    message: `${titleOf(transform)} ${fault}.`,
    hint:
      options.hint ??
      "Nothing was committed. A transform is one SELECT over `batch`, with CTEs, joins, UNNEST, aggregates and windows, and functions of the list in docs/reference/transform.md.",
    cause,
    ...(file === undefined ? {} : { file }),
  });
}

export function namelessColumn(transform: Pick<BatchTransform, "name">, column: string): LandfallError {
  return invalidTransform(transform, `gives its column ${column} no name`, {
    hint: "Nothing was committed. Write AS and a name behind each value that is not a plain column: count(*) AS n.",
  });
}
