/**
 * Rewrites one dirty record so that the engine reads it without loss: what fits stays as written, what a string column takes
 * as source text is quoted, the rest moves to the rescued column.
 *
 * The rescued column holds a JSON object of the same shape as the record, with only what was rescued, as written, and
 * `_file_path` last. In an array, each element keeps its position: null stands where nothing was rescued, and the column's
 * array has null where an element was. Of equal keys the last counts (as in Spark); those before it are rescued under the same
 * key, so that the text of the rescued column may hold a key more than once. A null is never rescued: nothing is lost with it.
 */
import { classOfNumber, plainDecimalText } from "../../schema/decimal-value.ts";
import {
  columnKey,
  FITS,
  NO_COLUMN,
  numberVerdict,
  type TargetNode,
  type Verdict,
} from "../../schema/fit.ts";
import { ELEMENT, keyPathText } from "../../schema/key-path.ts";
import { NUMBER_MASK, VALUE_CLASS, classesOf } from "../../schema/value-class.ts";
import { recordTree, type Member, type TreeNode } from "./record-tree.ts";
import { temporalClass } from "./temporal-class.ts";

export interface RepairOptions {
  /** A record that the scanner has found well-formed: the line, with or without its newline. */
  readonly record: Buffer;
  readonly target: TargetNode;
  /** The rescued column's name; the target must not hold it. Undefined: what would move there is left out. */
  readonly rescuedColumn: string | undefined;
  /** Gets the dotted path of every value that has no place in its column. */
  readonly onMisfit?: ((path: string) => void) | undefined;
  /** Gets every number that does not fit its column: the column, its class and its source text. */
  readonly onMisfitNumber?: ((column: TargetNode, bit: number, text: string) => void) | undefined;
  /** What stands as `_file_path` in the rescued column. */
  readonly filePath: string;
  /** JSON members to put first, such as `"_src":12`; their keys must be free in the target. */
  readonly prefix?: string;
}

export interface RepairedRecord {
  /** The record for the engine, without a newline. */
  readonly line: Buffer;
  /** Values that moved to the rescued column, each counted once at the top of what moved. */
  readonly rescued: number;
  /** Values that stay in their column under quotes. */
  readonly rewritten: number;
}

/** Repairs a record. Pure; a clean record comes back with the same values. */
export function repairRecord(options: RepairOptions): RepairedRecord {
  const repair = new Repair(options);
  const { kept, rescued } = repair.fit(recordTree(options.record), options.target);
  const members: string[] = [];
  if (options.prefix !== undefined) members.push(utf8(options.prefix));
  if (kept !== undefined && kept !== "{}") members.push(kept.slice(1, -1));
  if (rescued !== undefined && options.rescuedColumn !== undefined) {
    const text = `${rescued.slice(0, -1)},"_file_path":${utf8(JSON.stringify(options.filePath))}}`;
    members.push(`${utf8(JSON.stringify(options.rescuedColumn))}:${JSON.stringify(text)}`);
  }
  return {
    line: Buffer.from(`{${members.join(",")}}`, "latin1"),
    rescued: repair.rescued,
    rewritten: repair.rewritten,
  };
}

/**
 * By the members' places the key of the column that each goes to, where case is ignored: of several for one column the last;
 * undefined for those that give way to it. Keys without a column stand for themselves.
 */
function columnsOf(
  members: readonly Member[],
  target: TargetNode,
  keys: ReadonlyMap<string, number>,
): (string | undefined)[] | undefined {
  if (target.byFolded === undefined) return undefined;
  const taken = new Set<string>();
  const columns: (string | undefined)[] = [];
  for (const { key } of members.toReversed()) {
    const column = columnKey(target, key, (other) => keys.has(other));
    const isFree = column === undefined || column === key || !taken.has(column);
    columns.push(isFree ? (column ?? key) : undefined);
    if (column !== undefined) taken.add(column);
  }
  return columns.reverse();
}

/** Text as one character per byte of its UTF-8: repair works on bytes, so that it copies what it need not understand. */
function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A value's two parts, as JSON text of one character per byte; undefined is nothing. */
interface Parts {
  readonly kept: string | undefined;
  readonly rescued: string | undefined;
}

const NOTHING: Parts = { kept: undefined, rescued: undefined };

class Repair {
  rescued = 0;
  rewritten = 0;
  readonly #record: Buffer;
  readonly #onMisfit: RepairOptions["onMisfit"];
  readonly #onMisfitNumber: RepairOptions["onMisfitNumber"];
  /** Where the value under way stands. */
  readonly #path: (string | typeof ELEMENT)[] = [];

  constructor({ record, onMisfit, onMisfitNumber }: RepairOptions) {
    this.#record = record;
    this.#onMisfit = onMisfit;
    this.#onMisfitNumber = onMisfitNumber;
  }

  fit(node: TreeNode, target: TargetNode): Parts {
    if (node.kind === "object" && target.kind === "struct") return this.#fitObject(node, target);
    if (node.kind === "object" && target.values !== undefined) return this.#fitMap(node, target.values);
    if (node.kind === "array" && target.element !== undefined) return this.#fitArray(node, target.element);
    const bit = this.#classOf(node);
    const source = this.#source(node);
    if (bit === VALUE_CLASS.NULL)
      return target === NO_COLUMN ? NOTHING : { kept: source, rescued: undefined };
    const parts = this.#place(source, target, FITS[target.kind][classesOf(bit)[0]!].verdict);
    if (parts.rescued !== undefined && (bit & NUMBER_MASK) !== 0) this.#onMisfitNumber?.(target, bit, source);
    return parts;
  }

  #place(source: string, target: TargetNode, verdict: Verdict): Parts {
    if (verdict === "fits") return { kept: source, rescued: undefined };
    if (verdict === "byValue") return this.#placeNumber(source, target);
    if (verdict === "rescued") return this.#rescue(source);
    verdict satisfies "sourceText";
    this.rewritten += 1;
    return { kept: JSON.stringify(source), rescued: undefined };
  }

  #placeNumber(source: string, target: TargetNode): Parts {
    const verdict = target.check === undefined ? "rescued" : numberVerdict(source, target.check);
    if (verdict === "rescued") return this.#rescue(source);
    if (verdict === "fits") return { kept: source, rescued: undefined };
    this.rewritten += 1;
    return { kept: `"${plainDecimalText(source)}"`, rescued: undefined };
  }

  #rescue(source: string): Parts {
    if (source === "null") return NOTHING;
    this.rescued += 1;
    this.#onMisfit?.(keyPathText(this.#path));
    return { kept: undefined, rescued: source };
  }

  #fitObject(node: TreeNode & { readonly kind: "object" }, target: TargetNode): Parts {
    const last = new Map(node.members.map((member, index) => [member.key, index]));
    const columns = columnsOf(node.members, target, last);
    const kept: string[] = [];
    const rescued: string[] = [];
    for (const [index, { key, keySource, value }] of node.members.entries()) {
      this.#path.push(key);
      const column = columns === undefined ? key : columns[index];
      const parts =
        column !== undefined && last.get(key) === index
          ? this.fit(value, target.fields.get(column) ?? NO_COLUMN)
          : this.#rescue(this.#source(value));
      this.#path.pop();
      const keptKey = column === undefined || column === key ? keySource : utf8(JSON.stringify(column));
      if (parts.kept !== undefined) kept.push(`${keptKey}:${parts.kept}`);
      if (parts.rescued !== undefined) rescued.push(`${keySource}:${parts.rescued}`);
    }
    return {
      kept: `{${kept.join(",")}}`,
      rescued: rescued.length === 0 ? undefined : `{${rescued.join(",")}}`,
    };
  }

  /** A map without one of its entries would be another map: it is kept or rescued as a whole. */
  #fitMap(node: TreeNode & { readonly kind: "object" }, values: TargetNode): Parts {
    const before = { rescued: this.rescued, rewritten: this.rewritten };
    const keys = new Set(node.members.map(({ key }) => key));
    const kept: string[] = [];
    let isWhole = keys.size === node.members.length;
    for (const { key, keySource, value } of node.members) {
      this.#path.push(key);
      const parts = this.fit(value, values);
      this.#path.pop();
      isWhole &&= parts.rescued === undefined;
      kept.push(`${keySource}:${parts.kept ?? "null"}`);
    }
    if (isWhole) return { kept: `{${kept.join(",")}}`, rescued: undefined };
    ({ rescued: this.rescued, rewritten: this.rewritten } = before);
    return this.#rescue(this.#source(node));
  }

  #fitArray(node: TreeNode & { readonly kind: "array" }, element: TargetNode): Parts {
    this.#path.push(ELEMENT);
    const parts = node.items.map((item) => this.fit(item, element));
    this.#path.pop();
    const isWhole = parts.every((part) => part.rescued === undefined);
    return {
      kept: `[${parts.map((part) => part.kept ?? "null").join(",")}]`,
      rescued: isWhole ? undefined : `[${parts.map((part) => part.rescued ?? "null").join(",")}]`,
    };
  }

  #classOf(node: TreeNode): number {
    if (node.kind !== "scalar") return node.kind === "object" ? VALUE_CLASS.OBJ : VALUE_CLASS.ARR;
    const byte = this.#record[node.from];
    if (byte === 34) return this.#classOfString(node.from + 1, node.to - 1);
    if (byte === 110) return VALUE_CLASS.NULL;
    if (byte === 116 || byte === 102) return VALUE_CLASS.BOOL;
    return classOfNumber(this.#source(node));
  }

  #classOfString(from: number, to: number): number {
    const backslash = this.#record.indexOf(92, from);
    return backslash !== -1 && backslash < to ? VALUE_CLASS.STR : temporalClass(this.#record, from, to);
  }

  #source(node: TreeNode): string {
    return this.#record.toString("latin1", node.from, node.to);
  }
}
