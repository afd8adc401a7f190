/** The reference page of the declaration, from its one typed statement in src/declaration/declaration.ts. */
import type { OptionKind } from "../src/formats/option.ts";
import { KEYS_NOT_YET, VALUES_NOT_YET } from "../src/declaration/not-yet.ts";
import {
  declarationOptions,
  declarationSections,
  type DeclarationOption,
} from "../src/declaration/options.ts";

const HEAD = `# The declaration

<!-- Generated from src/declaration/declaration.ts by \`node tools/docs.ts\`; change it there. -->

A pipeline in YAML. The shortest useful one:

\`\`\`yaml
source: { location: ./in }
table: { location: ./tables/events }
\`\`\`

Unknown keys are errors. Sizes are whole bytes or texts such as \`10g\` or \`512 MB\`, in powers of 1024; durations are texts such as
\`90s\`, \`12h\`, \`7d\` or \`30 days\`. Relative locations are relative to the file's folder. Each option but the two locations and \`expect\` is also a flag and an environment
variable: \`source.onOverwrite\` is \`--on-overwrite\` and \`LANDFALL_ON_OVERWRITE\`, \`csv.sep\` is \`--csv-sep\` and \`LANDFALL_CSV_SEP\`,
\`archive.to\` is \`--archive-to\`; a flag stands over a variable, a variable over the file.
`;

const KIND_WORDS: Readonly<Record<OptionKind, string>> = {
  text: "text",
  choice: "",
  boolean: "true or false",
  count: "whole number",
  size: "size",
  duration: "duration",
  list: "list of text",
  map: "mapping of text",
  ddl: "Spark DDL",
  rules: "mapping of SQL",
  location: "path",
  trigger: '`availableNow`, `continuous`, `{ every: 30s }`, `{ cron: "0 6 * * *" }`',
};

/** The page as Markdown, in the layout that the formatter leaves alone. */
export function declarationPage(): string {
  const parts = declarationSections().map((section) => {
    const title = section.key === "" ? "Top level" : `\`${section.key}\``;
    const meaning = section.description === "" ? "" : `${section.description}\n\n`;
    return `## ${title}\n\n${meaning}${optionsTable(section.key)}`;
  });
  return [HEAD, ...parts, notYet()].join("\n");
}

/** The options of a section as a table; empty for a section without any. */
export function optionsTable(section: string): string {
  const options = declarationOptions().filter((option) => option.section === section);
  return options.length === 0 ? "" : table(["key", "type", "default", "meaning"], options.map(row));
}

function row(option: DeclarationOption): string[] {
  const type = option.kind === "choice" ? option.values.map(code).join(", ") : KIND_WORDS[option.kind];
  return [code(option.key), type, defaultOf(option), option.description];
}

function defaultOf(option: DeclarationOption): string {
  if (option.required) return "required";
  if (option.default === undefined) return "none";
  if (typeof option.default === "object" || option.default === "") return "empty";
  return code(String(option.default));
}

function notYet(): string {
  const keys = Object.entries(KEYS_NOT_YET).flatMap(([section, names]) =>
    names.map((name) => code(section === "" ? name : `${section}.${name}`)),
  );
  const values = Object.entries(VALUES_NOT_YET).flatMap(([key, named]) =>
    Object.keys(named).map((name) => code(`${key}: ${name}`)),
  );
  return `## Not in this version

These are refused by name: ${[...keys, ...values].join(", ")}.
`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Rows under a head, in the layout that the formatter leaves alone. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_title, index) => Math.max(...cells.map((row) => row[index]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, index) => cell.padEnd(widths[index]!)).join(" | ")} |\n`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n`;
  return `${line(cells[0]!)}${rule}${cells.slice(1).map(line).join("")}`;
}
