/** docs/support-matrix.md with its tables of operations, writers and readers as a test last found them; the rest of the page is written by hand. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EQUAL, knownResults, READERS, type MatrixResult } from "../test/judges/matrix/matrix-results.ts";
import { table } from "./declaration-page.ts";

const BEGIN =
  "<!-- Generated from test/judges/matrix/results.json by `node tools/docs.ts`, up to the next such line. -->\n";
const END = "<!-- Generated up to here. -->\n";

/** The page's text. @throws Error where the page has lost one of the lines between which it is generated */
export function supportMatrixPage(results: readonly MatrixResult[] = knownResults()): string {
  const page = readFileSync(join(import.meta.dirname, "../docs/support-matrix.md"), "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/support-matrix.md lacks one of ${BEGIN}${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${tablesOf(results)}\n${page.slice(end)}`;
}

/** One a writer: a line for each operation, a column for each kind of table. */
export function tablesOf(results: readonly MatrixResult[]): string {
  const kinds = unique(results.map((result) => result.table));
  const operations = unique(results.map(({ operation }) => operation));
  return unique(results.map(({ writer }) => writer))
    .map((writer) => {
      const rows = operations.map((operation) => [
        operation,
        ...kinds.map((kind) =>
          cellOf(
            results.find((one) => one.operation === operation && one.table === kind && one.writer === writer),
          ),
        ),
      ]);
      return `Written by ${writer}:\n\n${table(["operation", ...kinds], rows)}`;
    })
    .join("\n");
}

/** Empty where the operation has no sense for tables of that kind. */
function cellOf(result: MatrixResult | undefined): string {
  if (result === undefined) return "";
  const { not, readers } = result;
  if (readers === undefined) return not === "none" ? "—" : `— (${not})`;
  const refusing = READERS.filter((reader) => readers[reader] !== EQUAL);
  if (refusing.length === 0) return "✓";
  return `✓; refused by ${refusing.map((reader) => `${reader} (${readers[reader]})`).join(", ")}`;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
