/** The generated type is the one that the declaration's shape takes: a difference does not compile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { declarationShape, type Declaration as Taken } from "../declaration/declaration.ts";
import type { Declaration } from "./declaration.ts";

type Fixed<T> = T extends object ? { readonly [K in keyof T]: Fixed<T[K]> } : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Every key of one is a key of the other, at each level. */
const isSame: Same<Fixed<Taken>, Fixed<Declaration>> = true;
const keys: Same<keyof Taken, keyof Declaration> = true;
type Section =
  | "source"
  | "json"
  | "csv"
  | "avro"
  | "xml"
  | "text"
  | "schema"
  | "table"
  | "limits"
  | "engine"
  | "archive"
  | "quarantine";
const sectionKeys: {
  readonly [S in Section]: Same<keyof NonNullable<Taken[S]>, keyof NonNullable<Declaration[S]>>;
} = {
  source: true,
  json: true,
  csv: true,
  avro: true,
  xml: true,
  text: true,
  schema: true,
  table: true,
  limits: true,
  engine: true,
  archive: true,
  quarantine: true,
};

test("what the type allows is taken", () => {
  assert.ok(isSame && keys && Object.values(sectionKeys).every(Boolean));
  const written: Declaration = {
    source: { location: "in", partitionColumns: ["day"] },
    csv: { header: false },
    table: { location: "table", properties: { "delta.appendOnly": "true" } },
    trigger: { cron: "0 6 * * *", timeZone: "Europe/Berlin" },
    limits: { maxBytesPerTrigger: "1g", maxRecordBytes: 1000 },
  };
  assert.equal(declarationShape.safeParse(written).success, true);
});
