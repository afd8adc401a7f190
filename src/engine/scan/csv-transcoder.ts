/**
 * Rewrites CSV records as lines of JSON that the engine's typed reader takes without loss: what fits its column goes there,
 * the rest stands in the rescued column as `{"column":"text", …, "_file_path":…}`.
 *
 * A string column takes any field as its text. A field beyond the header is rescued under `_c<position>`, a later column of a
 * name that stood before under its name; a null is never rescued. Columns that a record is too short for are null.
 */
import { plainDecimalText } from "../../schema/decimal-value.ts";
import { NO_COLUMN, numberVerdict, type TargetNode } from "../../schema/fit.ts";
import { NUMBER_MASK, VALUE_CLASS } from "../../schema/value-class.ts";
import { acceptedBy, columnNames, EVERYTHING } from "./csv-fit.ts";
import { ESCAPED, type CsvFields } from "./csv-fields.ts";
import type { CsvHeader } from "./csv-reader.ts";
import type { CsvValues, SpecialNumber } from "./csv-values.ts";
import { JsonLine } from "./json-line.ts";
import { markMembers, type MarkMembers } from "./record-marker.ts";
import type { RecordMark } from "./scan-jobs.ts";
import type { TemporalReader } from "./temporal-reader.ts";

export interface CsvTranscoderOptions {
  readonly target: TargetNode;
  readonly values: CsvValues;
  /** Undefined: what fits no column is left out. */
  readonly rescuedColumn: string | undefined;
  /** Members that each line begins with, for a file of this name. */
  readonly mark?: (RecordMark & { readonly name: string }) | undefined;
  /** Gets the name of every column of which a value has no place, and `_c<position>` beyond the header. */
  readonly onMisfit?: ((name: string) => void) | undefined;
  /** Gets every number that does not fit its column: the column, its class and its text. */
  readonly onMisfitNumber?: ((column: TargetNode, bit: number, text: string) => void) | undefined;
  /** What stands as `_file_path` in the rescued column. */
  readonly filePath: string;
}

interface Column {
  readonly node: TargetNode;
  /** `"name":` */
  readonly key: Buffer;
  /** Classes that go into the column, the digits of numbers aside. */
  readonly accepts: number;
  readonly name: string;
  readonly temporal: TemporalReader | undefined;
  readonly specials: readonly SpecialNumber[];
}

const { BOOL } = VALUE_CLASS;

export class CsvTranscoder {
  /** Records so far of which something was rescued, or left out. */
  misfits = 0;
  readonly #options: CsvTranscoderOptions;
  readonly #line = new JsonLine();
  readonly #mark: MarkMembers | undefined;
  readonly #rescuedKey: Buffer;
  #columns: readonly Column[] = [];

  constructor(options: CsvTranscoderOptions) {
    this.#options = options;
    const { mark } = options;
    this.#mark = mark && markMembers(mark, mark.name);
    this.#rescuedKey = Buffer.from(`${JSON.stringify(options.rescuedColumn ?? "")}:`);
  }

  start(header: CsvHeader): void {
    const { target, values } = this.#options;
    const inFile = [...header.names];
    // Another file's first record may have had more fields.
    if (header.implied) while (target.fields.has(`_c${inFile.length}`)) inFile.push(`_c${inFile.length}`);
    const columns = columnNames(target, inFile);
    const seen = new Set<string>();
    this.#columns = inFile.map((name, i) => {
      const column = columns[i]!;
      const node = seen.has(column) ? NO_COLUMN : (target.fields.get(column) ?? NO_COLUMN);
      seen.add(column);
      return {
        node,
        name,
        key: Buffer.from(`${JSON.stringify(column)}:`),
        accepts: acceptedBy(node),
        temporal: values.temporalOf(node.kind),
        specials: values.specialsOf(node.kind),
      };
    });
  }

  /** The line of the record of this number, with its newline; valid until the next call. `offset`: where it begins, if that is known. */
  line(buf: Buffer, fields: CsvFields, record: number, offset?: number): Buffer {
    const rescued: string[] = [];
    this.#line.begin();
    if (this.#mark !== undefined) this.#line.key(Buffer.from(this.#mark(record, offset)));
    for (let i = 0; i < fields.count; i++) {
      if (fields.isNull(buf, i)) continue;
      const column = this.#columns[i];
      if (column !== undefined && this.#placeField(buf, fields, i, column)) continue;
      const name = column?.name ?? `_c${i}`;
      this.#options.onMisfit?.(name);
      rescued.push(`${JSON.stringify(name)}:${JSON.stringify(fields.text(buf, i))}`);
    }
    if (rescued.length > 0) this.#rescue(rescued);
    return this.#line.end();
  }

  /** False where the field does not fit. */
  #placeField(buf: Buffer, fields: CsvFields, index: number, column: Column): boolean {
    if ((fields.flags[index]! & ESCAPED) === 0)
      return this.#place(buf, fields.from[index]!, fields.to[index]!, column);
    const text = fields.bytes(buf, index);
    return this.#place(text, 0, text.length, column);
  }

  #place(buf: Buffer, from: number, to: number, column: Column): boolean {
    if (column.accepts === EVERYTHING) {
      this.#line.key(column.key);
      this.#line.string(buf, from, to);
      return true;
    }
    const { temporal, specials } = column;
    if (temporal !== undefined) return this.#placeTemporal(temporal, buf, from, to, column);
    // Before numbers: a station may write -999 for what is none.
    if (specials.length > 0 && this.#placeSpecial(buf, from, to, column)) return true;
    const bit = this.#options.values.classOf(buf, from, to);
    const isNumber = (bit & NUMBER_MASK) !== 0;
    const isPlaced = (column.accepts & bit) !== 0 && (!isNumber || this.#placeNumber(buf, from, to, column));
    if (!isPlaced && isNumber)
      this.#options.onMisfitNumber?.(column.node, bit, buf.toString("latin1", from, to));
    if (!isPlaced || isNumber) return isPlaced;
    this.#line.key(column.key);
    if (bit === BOOL) this.#line.raw(to - from === 4 ? TRUE : FALSE, 0, to - from);
    else this.#line.string(buf, from, to);
    return true;
  }

  #placeTemporal(temporal: TemporalReader, buf: Buffer, from: number, to: number, column: Column): boolean {
    if ((column.accepts & temporal.read(buf, from, to)) === 0) return false;
    this.#line.key(column.key);
    this.#line.string(temporal.iso, 0, temporal.isoLength);
    return true;
  }

  #placeSpecial(buf: Buffer, from: number, to: number, column: Column): boolean {
    const special = column.specials.find(({ word }) => word.compare(buf, from, to) === 0);
    if (special === undefined) return false;
    this.#line.key(column.key);
    this.#line.raw(special.written, 0, special.written.length);
    return true;
  }

  #placeNumber(buf: Buffer, from: number, to: number, column: Column): boolean {
    const { check } = column.node;
    if (check === undefined) {
      this.#line.key(column.key);
      this.#line.raw(buf, from, to);
      return true;
    }
    const text = buf.toString("latin1", from, to);
    const verdict = numberVerdict(text, check);
    if (verdict === "rescued") return false;
    const written = Buffer.from(verdict === "fits" ? text : `"${plainDecimalText(text)}"`, "latin1");
    this.#line.key(column.key);
    this.#line.raw(written, 0, written.length);
    return true;
  }

  #rescue(members: string[]): void {
    this.misfits += 1;
    if (this.#options.rescuedColumn === undefined) return;
    members.push(`"_file_path":${JSON.stringify(this.#options.filePath)}`);
    const text = Buffer.from(`{${members.join(",")}}`);
    this.#line.key(this.#rescuedKey);
    this.#line.string(text, 0, text.length);
  }
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
