import type { TargetNode } from "../../schema/fit.ts";
import { ELEMENT, VALUE, type KeyPath } from "../../schema/key-path.ts";
import { canHoldWiderNumbers, NO_NUMBERS, withNumber, type NumbersSeen } from "../../schema/wider-type.ts";

/** The numbers at one path of a file's data that did not fit their column. */
export interface MisfitNumbers extends NumbersSeen {
  readonly path: KeyPath;
}

/** Learns which numbers of a file do not fit their columns, as far as a wider type could hold them. No more is kept than there are columns. */
export class MisfitCollector {
  readonly #seen = new Map<TargetNode, NumbersSeen>();

  /** A number of this class, as it stands in the data, and the column that it does not fit. */
  add(column: TargetNode, bit: number, text: string): void {
    if (column.type === undefined || !canHoldWiderNumbers(column.type)) return;
    this.#seen.set(column, withNumber(this.#seen.get(column) ?? NO_NUMBERS, bit, text));
  }

  /** By the columns of the target, in their order; nothing where every number fits. */
  list(target: TargetNode, path: KeyPath = []): MisfitNumbers[] {
    if (this.#seen.size === 0) return [];
    const seen = this.#seen.get(target);
    return [
      ...(seen === undefined ? [] : [{ ...seen, path }]),
      ...[...target.fields].flatMap(([key, field]) => this.list(field, [...path, key])),
      ...(target.element === undefined ? [] : this.list(target.element, [...path, ELEMENT])),
      ...(target.values === undefined ? [] : this.list(target.values, [...path, VALUE])),
    ];
  }
}
