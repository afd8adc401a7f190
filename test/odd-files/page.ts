/**
 * docs/reference/odd-files.md: what becomes of odd files. The page is what is promised, and odd-files.test.ts holds the engine to
 * it. `node test/odd-files/page.ts` prints the page as the engine would have it, for a person to judge.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { duckdbEngine } from "../../src/engine/duckdb-engine.ts";
import { ODD_CSV } from "./csv.ts";
import { ODD_JSON } from "./json.ts";
import type { OddFile } from "./odd-file.ts";
import { ODD_OTHERS } from "./other.ts";
import { outcomeOf } from "./outcome.ts";

export const ODD_FILES: readonly (readonly [title: string, files: readonly OddFile[]])[] = [
  ["JSON", ODD_JSON],
  ["CSV", ODD_CSV],
  ["Other formats and archives", ODD_OTHERS],
];

/** A cell of a Markdown table: what would break it, or could not be seen, is escaped. */
export function cell(text: string): string {
  return text
    .replaceAll("\\", "\\\\")
    .replaceAll("|", "\\|")
    .replaceAll(
      /[\0-\u001f\u007f-\u009f\u2028\ufeff\ufffd]/g,
      (one) => `\\\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

const PAGE = join(import.meta.dirname, "../../docs/reference/odd-files.md");

/** The rows of a section, as they stand on the page. */
export function promisedRows(title: string): string[] {
  const section = readFileSync(PAGE, "utf8").split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2);
}

/** Every row of the page, as `name | outcome`. */
export async function oddRows(files: readonly OddFile[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "landfall-odd-"));
  const engine = duckdbEngine({
    memoryBytes: 512 * 1024 ** 2,
    threads: 2,
    spillFolder: join(folder, "spill"),
    spillBytes: 1024 ** 3,
  });
  try {
    const rows: string[] = [];
    for (const odd of files)
      rows.push(`| ${cell(odd.name)} | ${cell(await outcomeOf(engine, folder, odd))} |`);
    return rows;
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const HEAD = `# Odd files

What becomes of files as the world sends them, each alone in a new table: its columns, its rows as the engine prints them (64-bit integers
and decimals as text, nulls left out), what was rescued, why records were rejected, or why the file was quarantined. \`test/odd-files/\`
holds the files, and the engine to every line; Spark reads the table of each that ends in rows and finds these types and values.
`;

async function printPage(): Promise<void> {
  process.stdout.write(HEAD);
  for (const [title, files] of ODD_FILES) {
    const rows = (await oddRows(files)).join("\n");
    process.stdout.write(`\n## ${title}\n\n| the file | what becomes of it |\n| --- | --- |\n${rows}\n`);
  }
}

if (import.meta.main) await printPage();
