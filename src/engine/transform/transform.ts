/** What the author of a transform module states its types with (docs/reference/transform-module.md). */

/**
 * A value by its column's type: number (TINYINT, SMALLINT, INT, FLOAT, DOUBLE), bigint (BIGINT), text (STRING, DECIMAL, DATE,
 * TIMESTAMP, TIMESTAMP_NTZ), boolean, Uint8Array (BINARY), object (STRUCT), array (ARRAY), Map (MAP); null for null.
 */
export type Value =
  | null
  | number
  | bigint
  | string
  | boolean
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | { readonly [field: string]: Value };

/** Some rows of the batch, column by column. */
export interface Chunk {
  readonly rows: number;
  /** One array a column, each as long as `rows`. An object without a prototype: what is not there is undefined. */
  readonly columns: { readonly [name: string]: readonly Value[] };
}

/** One array for each of the columns that the module exports, all of one length; one that is left out is null throughout. */
export interface Answer {
  readonly [column: string]: readonly unknown[] | null | undefined;
}

/** The default export of a module. Called with one chunk after another, in no promised order or size. */
export type Transform = (chunk: Chunk) => Answer | Promise<Answer>;
