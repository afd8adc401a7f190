/** The reference page of errors: the codes with their comments, and what to do about each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES, type ErrorCode } from "../src/base/error-codes.ts";
import { ERROR_REMEDIES } from "../src/base/error-remedies.ts";

const HEAD = `# Errors

<!-- Generated from src/base/error-codes.ts and error-remedies.ts by \`node tools/docs.ts\`; change it there. -->

The code stands in an error's first line, \`error TABLE_MISSING …\`, with \`--json\` in \`error.code\` on stdout, and in a program in \`code\` of a
\`LandfallError\`. The message says what failed, on which file, table or version; the line below it what to do next. What is said here under
"to do" holds in general; the message's own line knows more of the case.

"Again" says whether the same command, with nothing changed, may succeed later: a pipeline that keeps running tries such an error again by itself
([schedules.md](../guide/schedules.md#when-something-fails)). What is wrong with a file or a record is told in the result of a run: see
[bad-data.md](../guide/bad-data.md). What the exit codes mean: [exit-codes.md](exit-codes.md).
`;

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** What each code means: its comment. */
export function errorMeanings(): ReadonlyMap<string, string> {
  const source = readFileSync(join(import.meta.dirname, "../src/base/error-codes.ts"), "utf8");
  const found = source.matchAll(/^ {2}\/\*\*((?:(?!\*\/)[^])*)\*\/\n {2}(\w+): \{/gm);
  return new Map(
    [...found].map(([, comment, code]) => [code!, comment!.replaceAll(/\s*\n\s*\* /g, " ").trim()]),
  );
}

/** The page as Markdown. */
export function errorsPage(): string {
  const meanings = errorMeanings();
  const exits = [...new Set(CODES.map((code) => ERROR_CODES[code].exit))].sort((one, other) => one - other);
  const chapters = exits.map((exit) => {
    const codes = CODES.filter((code) => ERROR_CODES[code].exit === exit).sort();
    return `## Exit code ${exit}\n\n${codes.map((code) => entry(code, meanings)).join("\n")}`;
  });
  return [HEAD, ...chapters].join("\n");
}

function entry(code: ErrorCode, meanings: ReadonlyMap<string, string>): string {
  const meaning = meanings.get(code);
  if (meaning === undefined) throw new Error(`${code} has no comment in src/base/error-codes.ts`);
  const again = ERROR_CODES[code].retryable ? "may help" : "does not help";
  return `### ${code}\n\n${meaning}\n\n- To do: ${ERROR_REMEDIES[code]}\n- Again: ${again}.\n`;
}
