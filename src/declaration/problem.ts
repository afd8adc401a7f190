/** One mistake in a declaration as its author meets it: where, what, and what to write instead. */
export interface Problem {
  /** A place in the file (from 1; `length` in UTF-16 units, at least 1), or the flag or variable that said it. */
  readonly at: FilePlace | { readonly option: string };
  readonly message: string;
  /** A key or value to write instead. */
  readonly didYouMean?: string;
  readonly hint?: string;
}

export interface FilePlace {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

const MOST_PRINTED = 50;
const WIDEST_SOURCE = 120;

/**
 * The problems as text for a terminal: `file:line:column  message`, the line itself with a caret, and what to do. Control
 * characters, which could steer a terminal, are printed as `\uFFFD`; long lines are cut around the caret; after fifty problems
 * only their number is said.
 */
export function formatProblems(
  problems: readonly Problem[],
  options: { readonly file: string; readonly text: string },
): string {
  const lines = options.text.split(/\r\n|\n/);
  const printed = problems
    .slice(0, MOST_PRINTED)
    .map((problem) => formatProblem(problem, options.file, lines));
  const rest = problems.length - MOST_PRINTED;
  return [...printed, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n");
}

function formatProblem(problem: Problem, file: string, lines: readonly string[]): string {
  const { at, message, didYouMean, hint } = problem;
  const meant = didYouMean === undefined ? "" : `; did you mean ${didYouMean}?`;
  const hints = hint === undefined ? [] : [`  hint: ${printable(hint)}`];
  if ("option" in at) return [printable(`${at.option}  ${message}${meant}`), ...hints].join("\n");
  const head = printable(`${file}:${at.line}:${at.column}  ${message}${meant}`);
  return [head, ...sourceLines(at, lines[at.line - 1] ?? ""), ...hints].join("\n");
}

function sourceLines(place: FilePlace, line: string): string[] {
  if (line.trim() === "") return [];
  const from = line.length <= WIDEST_SOURCE ? 0 : Math.max(0, place.column - 1 - WIDEST_SOURCE / 2);
  const shown = printable(line.slice(from, from + WIDEST_SOURCE));
  const before = place.column - 1 - from;
  const length = Math.max(1, Math.min(place.length, shown.length - before));
  const gutter = `  ${place.line} | `;
  // Tabs stay tabs, so that the caret stands below its character however wide they are.
  const indent = shown.slice(0, before).replaceAll(/[^\t]/g, " ");
  return [`${gutter}${shown}`, `${" ".repeat(gutter.length - 2)}| ${indent}${"^".repeat(length)}`];
}

function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\uFFFD");
}
