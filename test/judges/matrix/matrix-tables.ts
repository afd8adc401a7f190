/** The tables that the operations of the matrix are carried out on, made by us: two files in each of two partitions, and a row deleted. */
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../../src/engine/engine.ts";
import { createTable, type CreateTableOptions } from "../../../src/write/create-table.ts";
import type { CanonicalRow } from "../../support/canonical-rows.ts";
import { tableOfEngine } from "../../support/table-of-engine.ts";

export type MatrixTable = ReturnType<typeof tableOfEngine>;

/** What a table has of a kind, by its properties. */
export const TABLE_KINDS = {
  plain: {},
  "deletion vectors": { "delta.enableDeletionVectors": "true" },
  "change feed": { "delta.enableChangeDataFeed": "true" },
  "mapped columns": { "delta.columnMapping.mode": "name" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
export type TableKind = keyof typeof TABLE_KINDS;
export const KIND_NAMES = Object.keys(TABLE_KINDS) as readonly TableKind[];

export const COLUMNS = "id BIGINT, n INT, part STRING";
/** The version with half of the rows. */
export const HALF = 1;

/** Rows of the first append, and of the second; the last of all is deleted. */
export const FIRST_ROWS = rowsFrom(1, 12);
const SECOND_ROWS = rowsFrom(13, 12);
export const ROWS: readonly CanonicalRow[] = [...FIRST_ROWS, ...SECOND_ROWS.slice(0, -1)];

export interface MatrixTables {
  /** A copy of the table of a kind; with `isNew` only the place for one. */
  readonly copyOf: (made: {
    readonly name: string;
    readonly kind: TableKind;
    readonly options?: Partial<CreateTableOptions> | undefined;
    readonly isNew?: boolean | undefined;
  }) => Promise<string>;
  readonly open: (place: string) => MatrixTable;
}

export function matrixTables({
  folder,
  engine,
}: {
  readonly folder: string;
  readonly engine: Engine;
}): MatrixTables {
  const scratchFolder = join(folder, "scratch");
  mkdirSync(scratchFolder);
  const open = (table: string): MatrixTable => tableOfEngine({ table, engine, scratchFolder });
  const originals = new Map<string, Promise<string>>();
  const make = async (kind: TableKind, options: Partial<CreateTableOptions>): Promise<string> => {
    const place = join(folder, `original-${originals.size}`);
    const made = { schema: COLUMNS, partitionBy: ["part"], properties: TABLE_KINDS[kind], ...options };
    await (await createTable(place, made)).close();
    const table = open(place);
    for (const rows of [FIRST_ROWS, SECOND_ROWS]) await table.append(rows.map(rowToWrite));
    await table.delete({ where: "id = 24" });
    return place;
  };
  let copies = 0;
  return {
    open,
    async copyOf({ name, kind, options = {}, isNew = false }) {
      const place = join(folder, `${copies++}-${name.replaceAll(/\W/g, "-")}`);
      if (isNew) return place;
      const key = JSON.stringify([kind, options]);
      if (!originals.has(key)) originals.set(key, make(kind, options));
      cpSync(await originals.get(key)!, place, { recursive: true });
      if (!existsSync(place)) throw new Error(`no copy at ${place}`);
      return place;
    },
  };
}

/** As `append` takes it. */
export function rowToWrite({ id, n, ...row }: CanonicalRow): Record<string, string | bigint | null> {
  const whole = (value: unknown): bigint | null => (value === null ? null : BigInt(value as string));
  return {
    ...(id === undefined ? {} : { id: whole(id) }),
    ...(n === undefined ? {} : { n: whole(n) }),
    ...(row as Record<string, string | null>),
  };
}

function rowsFrom(first: number, count: number): readonly CanonicalRow[] {
  return Array.from({ length: count }, (_, i) => first + i).map((id) => ({
    id: `${id}`,
    n: id % 5 === 0 ? null : `${id % 5}`,
    part: id % 2 === 0 ? "b c" : "a",
  }));
}
