/** What became of each operation: the form of `results.json`, from which docs/support-matrix.md is written. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const READERS = ["Landfall", "Spark", "delta-rs", "chdb"] as const;
export type MatrixReader = (typeof READERS)[number];

/** The reader has the rows of the model. */
export const EQUAL = "equal";

/** What a writer does not do, or what each reader has of what it did. */
export interface MatrixResult {
  readonly operation: string;
  readonly table: string;
  readonly writer: string;
  /** Why it was not carried out: the writer has no such operation (`none`), or what it named when it refused. */
  readonly not?: string;
  /** `EQUAL`, or what the reader named when it refused. */
  readonly readers?: Readonly<Record<MatrixReader, string>>;
}

export const RESULTS_FILE = join(import.meta.dirname, "results.json");

export function knownResults(): readonly MatrixResult[] {
  return JSON.parse(readFileSync(RESULTS_FILE, "utf8")) as readonly MatrixResult[];
}

/** A line each. */
export function writeResults(results: readonly MatrixResult[]): void {
  writeFileSync(RESULTS_FILE, `[\n${results.map((result) => JSON.stringify(result)).join(",\n")}\n]\n`);
}
