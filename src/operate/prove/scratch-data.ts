/** What scratch files hold: rows that are told apart by one column of text, as lines of JSON or as CSV. Pure. */
import type { JsonValue } from "../../base/lossless-json.ts";
import type { SeededRandom } from "./seeded-random.ts";

export const DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"];

/** One row, of which a column makes its value. */
export interface ScratchRow {
  /** Unlike any other row's, but for copies of one file. */
  readonly id: string;
  /** Place in its file. */
  readonly index: number;
  readonly random: SeededRandom;
}

export interface ScratchColumn {
  readonly name: string;
  /** Undefined: the row has no value there. */
  value(row: ScratchRow): JsonValue | undefined;
}

export interface ScratchData {
  readonly format: "json" | "csv";
  /** Of file names, with the dot. */
  readonly ending: string;
  /** False: all files lie in the source itself. */
  readonly inFolders: boolean;
  /** The column that holds a row's `id`; it is the first of every file. */
  readonly idColumn: string;
  readonly columns: readonly ScratchColumn[];
  /** A key that only late files have. */
  readonly lateKey: string;
}

/** What `landfall prove` reads when no declaration is given. */
export const OWN_DATA: ScratchData = {
  format: "json",
  ending: ".ndjson",
  inFolders: true,
  idColumn: "id",
  columns: [
    { name: "day", value: ({ random }) => random.pick(DAYS) },
    { name: "load", value: ({ index }) => index * 1.5 },
  ],
  lateKey: "gate",
};

/** The key of a scratch file: `folder` is empty or ends in a slash. */
export function scratchKey(data: ScratchData, folder: string, name: string): string {
  const place = data.inFolders ? folder : folder.replaceAll("/", "-");
  return `${place}${name}${data.ending}`;
}

/** A file of a few rows. `broken`: with a record that no reader takes. `late`: with the late key. `continued`: to stand after others. */
export function scratchFile(
  data: ScratchData,
  random: SeededRandom,
  options: {
    readonly name: string;
    readonly broken: boolean;
    readonly late?: boolean;
    readonly continued?: boolean;
  },
): Buffer {
  const { name, broken, late = false, continued = false } = options;
  const lines: string[] = [];
  if (data.format === "csv" && !continued) lines.push(csvLine(headerOf(data, late)));
  const count = 3 + random.below(6);
  for (let index = 0; index < count; index++) {
    const row = { id: `${name}#${index}`, index, random };
    const values = [
      [data.idColumn, row.id],
      ...data.columns.map((column) => [column.name, column.value(row)] as const),
      ...(late ? [[data.lateKey, `g${index}`] as const] : []),
    ] as const;
    lines.push(
      data.format === "csv"
        ? csvLine(values.map(([, value]) => value))
        : JSON.stringify(Object.fromEntries(values)),
    );
    if (broken && index === 1) lines.push(brokenLine(data, name));
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

function headerOf(data: ScratchData, late: boolean): readonly string[] {
  return [data.idColumn, ...data.columns.map(({ name }) => name), ...(late ? [data.lateKey] : [])];
}

function csvLine(values: readonly (JsonValue | undefined)[]): string {
  return values
    .map((value = null) => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value)))
    .join(",");
}

/** An object that ends too soon; text behind the quote that closes its field. */
function brokenLine(data: ScratchData, name: string): string {
  return data.format === "json" ? `{"${data.idColumn}": "${name}#torn, "day"` : `"${name}#torn" and more`;
}

/** What a file of `scratchFile` holds: read without a look at how ingestion reads. */
export function readScratch(
  data: Pick<ScratchData, "format" | "idColumn">,
  text: string,
): { readonly ids: readonly string[]; readonly brokenLines: number } {
  const lines = text.split("\n").filter((line) => line !== "");
  const ids = lines.map((line) => (data.format === "csv" ? csvId(line) : jsonId(line, data.idColumn)));
  const records = data.format === "csv" ? ids.slice(1) : ids;
  const whole = records.filter((id) => id !== undefined);
  return { ids: whole, brokenLines: records.length - whole.length };
}

/** No field of a scratch file holds a comma or a quote, but for those of broken records. */
function csvId(line: string): string | undefined {
  return line.startsWith('"') ? undefined : line.split(",", 1)[0];
}

function jsonId(line: string, column: string): string | undefined {
  try {
    return String((JSON.parse(line) as Readonly<Record<string, unknown>>)[column]);
  } catch {
    // A torn line is no record: the reader must reject it.
    return undefined;
  }
}
