/**
 * Writes the reference pages that are generated from the code: `node tools/docs.ts`. With `--check` it writes nothing and fails
 * when a page is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apiReportPage } from "./api-report-page.ts";
import { cliPage } from "./cli-page.ts";
import { declarationPage } from "./declaration-page.ts";
import { declarationType } from "./declaration-type.ts";
import { deltaCorporaPage } from "./delta-corpora-page.ts";
import { errorsPage } from "./errors-page.ts";
import { expressionsPage } from "./expressions-page.ts";
import { formatsPage } from "./formats-page.ts";
import { historyPage } from "./history-page.ts";
import { logsPage } from "./logs-page.ts";
import { metricsPage } from "./metrics-page.ts";
import { queryPage } from "./query-page.ts";
import { supportMatrixPage } from "./support-matrix-page.ts";
import { typesPage } from "./types-page.ts";

export interface GeneratedPage {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every generated page with the text that it should have. */
export function generatedPages(): GeneratedPage[] {
  return [
    { path: "docs/reference/api-report.md", text: apiReportPage("index") },
    { path: "docs/reference/api-report-delta.md", text: apiReportPage("delta") },
    { path: "docs/reference/cli.md", text: cliPage() },
    { path: "docs/reference/declaration.md", text: declarationPage() },
    { path: "docs/reference/delta-corpora.md", text: deltaCorporaPage() },
    { path: "docs/reference/errors.md", text: errorsPage() },
    { path: "docs/reference/expressions.md", text: expressionsPage() },
    { path: "docs/reference/formats.md", text: formatsPage() },
    { path: "docs/reference/history.md", text: historyPage() },
    { path: "docs/reference/logs.md", text: logsPage() },
    { path: "docs/reference/metrics.md", text: metricsPage() },
    { path: "docs/reference/query.md", text: queryPage() },
    { path: "docs/reference/types.md", text: typesPage() },
    { path: "docs/support-matrix.md", text: supportMatrixPage() },
    { path: "src/library/declaration.ts", text: declarationType() },
  ];
}

/** The pages whose file below `root` is missing or has another text. */
export function stalePages(
  root: string,
  pages: readonly GeneratedPage[] = generatedPages(),
): GeneratedPage[] {
  return pages.filter((page) => textOf(join(root, page.path)) !== page.text);
}

/** Writes the stale pages and returns them. */
export function writePages(
  root: string,
  pages: readonly GeneratedPage[] = generatedPages(),
): GeneratedPage[] {
  const stale = stalePages(root, pages);
  for (const page of stale) {
    mkdirSync(dirname(join(root, page.path)), { recursive: true });
    writeFileSync(join(root, page.path), page.text);
  }
  return stale;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const checking = process.argv.includes("--check");
  const stale = checking ? stalePages(root) : writePages(root);
  for (const page of stale) {
    console.error(checking ? `stale: ${page.path}; run \`node tools/docs.ts\`` : `written: ${page.path}`);
  }
  if (checking && stale.length > 0) process.exitCode = 1;
}
