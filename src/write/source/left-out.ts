/** Of rows of JavaScript, each may leave out other columns: which did, where the table fills what is left out. */
import { nullableField, type StructField, type StructType } from "../../schema/data-type.ts";
import { freeName } from "../../schema/source-name.ts";

/** Rows that leave out a column. */
export interface LeftOut {
  /** The column of the rows' SELECT that is true for them. */
  readonly flag: string;
  /** How many they are. */
  readonly rows: number;
}

export interface LeftOutNotes {
  /** The flags as columns. */
  readonly fields: readonly StructField[];
  /** A row's flags, as members of its JSON object with a comma before each. */
  noted(row: Readonly<Record<string, unknown>>): string;
  /** By the names of columns in lower case. */
  found(): ReadonlyMap<string, LeftOut>;
}

/** @param options.filled columns that the table fills where rows leave them out, in any case */
export function leftOutNotes(options: {
  readonly schema: StructType;
  readonly filled: readonly string[];
}): LeftOutNotes {
  const filled = new Set(options.filled.map((name) => name.toLowerCase()));
  const taken = new Set(options.schema.fields.map(({ name }) => name.toLowerCase()));
  const columns = options.schema.fields
    .filter(({ name }) => filled.has(name.toLowerCase()))
    .map(({ name }) => {
      const flag = freeName("landfall_left_out", taken);
      return { name, flag, key: `,${JSON.stringify(flag)}:`, rows: 0 };
    });
  return {
    fields: columns.map(({ flag }) => nullableField(flag, "boolean")),
    noted(row) {
      let members = "";
      for (const column of columns) {
        const isLeftOut = !Object.hasOwn(row, column.name) || row[column.name] === undefined;
        if (isLeftOut) column.rows++;
        members += `${column.key}${isLeftOut}`;
      }
      return members;
    },
    found: () => new Map(columns.map(({ name, flag, rows }) => [name.toLowerCase(), { flag, rows }])),
  };
}
