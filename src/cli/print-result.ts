/** Results on stdout: one document for programs, or lines for people. */
import process from "node:process";
import { stringifyJson } from "../base/lossless-json.ts";
import { printable } from "../base/printable.ts";

/** The document of `--json`; its shapes stand in docs/reference/json-output.md. */
export function printDocument(document: object): void {
  process.stdout.write(`${stringifyJson({ schemaVersion: 1, ...document })}\n`);
}

/** The last line of every command that was only to show what it would do. */
export const DRY_RUN_DONE = "This was a dry run: nothing was changed.";

export function printLines(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Columns of the terminal; undefined where the output goes elsewhere and need not fit. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** `label  value` lines, the values in one column; facts without a value are left out. */
export function factLines(
  facts: readonly (readonly [string, string | undefined])[],
  indent = "  ",
): string[] {
  const said = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  const width = Math.max(0, ...said.map(([label]) => label.length));
  return said.map(([label, value]) => `${indent}${label.padEnd(width)}  ${printable(value)}`);
}

/** A sentence in lines that fit the terminal, each indented; in one line where the output goes elsewhere. */
export function wrapped(text: string, indent: string, width = terminalWidth()): string[] {
  const safe = printable(text);
  if (width === undefined) return [`${indent}${safe}`];
  const lines: string[] = [];
  let line = "";
  for (const word of safe.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(`${indent}${line}`);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, `${indent}${line}`];
}
