/**
 * The paths of a file while it is scanned: sixteen integers per path in one array (memory-layout.ts), so that the hot loops, in
 * TypeScript and in WebAssembly, touch no objects. What a record has changed can be taken back, because a malformed record must
 * leave no trace in the inference.
 */
import { fieldTarget, NO_COLUMN, type NumberCheck, type TargetNode } from "../../schema/fit.ts";
import { EMPTY_TRIE, type TrieNode } from "../../schema/lattice.ts";
import { canonicalMask } from "../../schema/value-class.ts";
import { CELL, HEADER, NODE_CELLS } from "./memory-layout.ts";
import { ScanMemory } from "./scan-memory.ts";

/** The node of the top-level object. A node is the index of its first cell. */
export const ROOT = 0;
/** The node of every key beyond the limit of paths. */
export const OVERFLOW = NODE_CELLS;

const QUOTE = 34;
const BACKSLASH = 92;
const HASH_PRIME = 16777619;
/** Stands for that many digits or more. */
export const MAX_DIGITS = 65535;
const NO_LIMIT = 2 ** 31 - 1;

/** What a node held before a record changed it. */
interface Undo {
  readonly node: number;
  readonly mask: number;
  readonly digits: number;
  readonly scale: number;
}

export class PathTable {
  // Read by the hot loop; replaced when the table grows or moves.
  header!: Int32Array<ArrayBuffer>;
  cells!: Int32Array<ArrayBuffer>;
  keyBytes!: Uint8Array<ArrayBuffer>;
  readonly checks: NumberCheck[] = [];

  readonly #memory = new ScanMemory();
  #slots!: Int32Array<ArrayBuffer>;
  #capacity = 64;
  #keyCapacity = 1024;
  #slotCount = 256;
  #cellsAt = this.#memory.allocate(this.#capacity * NODE_CELLS * 4);
  #keysAt = this.#memory.allocate(this.#keyCapacity);
  #slotsAt = this.#memory.allocate(this.#slotCount * 4);

  /** By a node's number, in the order in which they were made. */
  #firstOffset = new Float64Array(64);
  #targets: TargetNode[] = [];
  #children: number[][] = [];
  #count = 0;
  #keyUsed = 0;
  // Unknown to whoever writes the data, so that keys cannot be chosen to collide.
  readonly #seed = Math.floor(Math.random() * 0x7fffffff);
  readonly #maxPaths: number;
  #undo: Undo[] = [];

  /** Without a target nothing is denied. */
  constructor(options: { readonly maxPaths: number; readonly target: TargetNode | undefined }) {
    this.#maxPaths = options.maxPaths;
    this.#look();
    this.cells.fill(0);
    this.#slots.fill(-1);
    const unknown = options.target === undefined ? FREE : NO_COLUMN;
    this.#add(-1, options.target ?? FREE);
    this.#add(-1, unknown);
    this.cells[OVERFLOW + CELL.ELEMENT] = OVERFLOW;
  }

  /** A class is new at a node; `offset` is the value's. Called for the first value of its class only, so it may be slow. */
  learn(node: number, classBit: number, offset: number): void {
    this.#remember(node);
    if (this.cells[node + CELL.MASK] === 0) this.#firstOffset[node / NODE_CELLS] = offset;
    this.cells[node + CELL.MASK]! |= classBit;
  }

  /** A number has more digits than any before it at the node. */
  learnDigits(node: number, integerDigits: number, scale: number): void {
    this.#remember(node);
    const { cells } = this;
    cells[node + CELL.DIGITS] = Math.min(MAX_DIGITS, Math.max(cells[node + CELL.DIGITS]!, integerDigits));
    cells[node + CELL.SCALE] = Math.min(MAX_DIGITS, Math.max(cells[node + CELL.SCALE]!, scale));
  }

  /** The record is well-formed: what it taught stays. */
  keep(): void {
    if (this.#undo.length > 0) this.#undo = [];
  }

  /** The record is malformed: what it taught is taken back. */
  takeBack(): void {
    for (const { node, mask, digits, scale } of this.#undo.toReversed()) {
      this.cells[node + CELL.MASK] = mask;
      this.cells[node + CELL.DIGITS] = digits;
      this.cells[node + CELL.SCALE] = scale;
    }
    this.#undo = [];
  }

  /** The node of an array's elements. */
  elementOf(node: number): number {
    const known = this.cells[node + CELL.ELEMENT]!;
    if (known !== -1) return known;
    const made = this.#isFull() ? OVERFLOW : this.#add(node, this.#targetBelow(node, undefined));
    this.cells[node + CELL.ELEMENT] = made;
    return made;
  }

  /** The node of the key whose decoded bytes are `buf[from, to)`, in objects at `parent`; made if it is new. */
  childOf(parent: number, buf: Uint8Array, from: number, to: number): number {
    if (parent === OVERFLOW) return OVERFLOW;
    let hash = this.#seed ^ Math.imul(parent + 1, 0x9e3779b1);
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ buf[i]!, HASH_PRIME);
    hash ^= hash >>> 15;
    const last = this.#slotCount - 1;
    let slot = hash & last;
    for (; this.#slots[slot] !== -1; slot = (slot + 1) & last) {
      const node = this.#slots[slot]!;
      if (this.cells[node + CELL.PARENT] === parent && this.#keyIs(node, buf, from, to)) return node;
    }
    if (this.#isFull()) return OVERFLOW;
    return this.#addChild(parent, Buffer.from(buf.subarray(from, to)), slot);
  }

  /** Remembers a key's place for the next record, if its bytes can be compared as they stand. */
  guess(parent: number, previous: number, node: number): void {
    if (this.cells[node + CELL.IS_PLAIN] === 0 || node === OVERFLOW) return;
    if (previous === -1) this.cells[parent + CELL.FIRST_KEY] = node;
    else if (previous !== OVERFLOW) this.cells[previous + CELL.NEXT] = node;
  }

  /** All objects count as never seen. */
  forgetMarks(): void {
    for (let node = 0; node < this.#count * NODE_CELLS; node += NODE_CELLS) {
      this.cells[node + CELL.SEEN_IN] = 0;
    }
    this.header[HEADER.MARK] = 0;
  }

  /** Moves to a memory that WebAssembly reads; see `ScanMemory.moveInto`. */
  moveInto(memory: WebAssembly.Memory): void {
    this.#memory.moveInto(memory);
    this.#look();
  }

  /** Room beside the table, at a fixed address, for as long as the table lives. */
  allocate(bytes: number): number {
    const address = this.#memory.allocate(bytes);
    this.#look();
    return address;
  }

  /** What has been seen, as plain data. Paths of malformed records only are left out. */
  trie(file: number): TrieNode {
    if (this.cells[ROOT + CELL.MASK] === 0) return EMPTY_TRIE;
    return { ...this.#export(ROOT, file), overflowed: this.cells[OVERFLOW + CELL.MASK] !== 0 };
  }

  #export(node: number, file: number): TrieNode {
    const { cells } = this;
    const fields = new Map<string, TrieNode>();
    for (const child of this.#children[node / NODE_CELLS]!) {
      if (cells[child + CELL.MASK] !== 0) fields.set(this.#keyText(child), this.#export(child, file));
    }
    const element = cells[node + CELL.ELEMENT]!;
    return {
      mask: canonicalMask(cells[node + CELL.MASK]!),
      first: { file, offset: this.#firstOffset[node / NODE_CELLS]! },
      integerDigits: cells[node + CELL.DIGITS]!,
      scale: cells[node + CELL.SCALE]!,
      fields,
      element:
        element > OVERFLOW && cells[element + CELL.MASK] !== 0 ? this.#export(element, file) : undefined,
      overflowed: false,
    };
  }

  #remember(node: number): void {
    this.#undo.push({
      node,
      mask: this.cells[node + CELL.MASK]!,
      digits: this.cells[node + CELL.DIGITS]!,
      scale: this.cells[node + CELL.SCALE]!,
    });
  }

  #isFull(): boolean {
    return this.#count >= this.#maxPaths;
  }

  #targetBelow(node: number, key: string | undefined): TargetNode {
    const target = this.#targets[node / NODE_CELLS]!;
    if (target === FREE) return FREE;
    return key === undefined ? (target.element ?? NO_COLUMN) : fieldTarget(target, key);
  }

  #addChild(parent: number, key: Buffer, slot: number): number {
    const node = this.#add(parent, this.#targetBelow(parent, key.toString("utf8")));
    this.#children[parent / NODE_CELLS]!.push(node);
    this.#slots[slot] = node;
    this.#storeKey(node, key);
    if (this.#count * 2 > this.#slotCount) this.#rehash();
    return node;
  }

  #add(parent: number, target: TargetNode): number {
    const number = this.#count++;
    if (number >= this.#capacity) this.#grow();
    const node = number * NODE_CELLS;
    const { cells } = this;
    cells[node + CELL.PARENT] = parent;
    cells[node + CELL.DENY] = target.deny;
    cells[node + CELL.NEXT] = -1;
    cells[node + CELL.FIRST_KEY] = -1;
    cells[node + CELL.ELEMENT] = -1;
    if (target.check !== undefined) cells[node + CELL.CHECK] = this.checks.push(target.check);
    const sure = sureDigits(target.check);
    cells[node + CELL.FIT_WHOLE] = sure.whole;
    cells[node + CELL.FIT_SCALE] = sure.scale;
    cells[node + CELL.FIT_DIGITS] = sure.digits;
    this.#targets.push(target);
    this.#children.push([]);
    this.header[HEADER.IS_FULL] = this.#isFull() ? 1 : 0;
    return node;
  }

  #storeKey(node: number, key: Buffer): void {
    const from = this.#keyUsed;
    const to = from + key.length + 1;
    if (to > this.#keyCapacity) {
      this.#keyCapacity = Math.max(to, this.#keyCapacity * 2);
      this.#keysAt = this.#moved(this.#keysAt, from, this.#keyCapacity);
      this.#look();
    }
    this.keyBytes.set(key, from);
    this.keyBytes[to - 1] = QUOTE;
    this.#keyUsed = to;
    this.cells[node + CELL.KEY_START] = from;
    this.cells[node + CELL.KEY_END] = to;
    const isPlain = key.every((byte) => byte >= 32 && byte !== QUOTE && byte !== BACKSLASH);
    this.cells[node + CELL.IS_PLAIN] = isPlain ? 1 : 0;
  }

  #keyIs(node: number, buf: Uint8Array, from: number, to: number): boolean {
    const start = this.cells[node + CELL.KEY_START]!;
    if (this.cells[node + CELL.KEY_END]! - start - 1 !== to - from) return false;
    for (let i = from, k = start; i < to; i++, k++) if (this.keyBytes[k] !== buf[i]) return false;
    return true;
  }

  #keyOf(node: number): Uint8Array {
    return this.keyBytes.subarray(this.cells[node + CELL.KEY_START], this.cells[node + CELL.KEY_END]! - 1);
  }

  #keyText(node: number): string {
    return Buffer.from(this.#keyOf(node)).toString("utf8");
  }

  #rehash(): void {
    const nodes = this.#slots.filter((node) => node !== -1);
    this.#slotCount *= 2;
    this.#slotsAt = this.#memory.allocate(this.#slotCount * 4);
    this.#look();
    this.#slots.fill(-1);
    const last = this.#slotCount - 1;
    for (const node of nodes) {
      let hash = this.#seed ^ Math.imul(this.cells[node + CELL.PARENT]! + 1, 0x9e3779b1);
      for (const byte of this.#keyOf(node)) hash = Math.imul(hash ^ byte, HASH_PRIME);
      let slot = (hash ^ (hash >>> 15)) & last;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & last;
      this.#slots[slot] = node;
    }
  }

  #grow(): void {
    const used = this.#capacity * NODE_CELLS;
    this.#capacity *= 2;
    this.#cellsAt = this.#moved(this.#cellsAt, used * 4, used * 8);
    this.#look();
    this.cells.fill(0, used);
    const offsets = new Float64Array(this.#capacity);
    offsets.set(this.#firstOffset);
    this.#firstOffset = offsets;
  }

  /** Copies bytes into more room; returns its address. */
  #moved(from: number, used: number, bytes: number): number {
    const address = this.#memory.allocate(bytes);
    new Uint8Array(this.#memory.buffer).copyWithin(address, from, from + used);
    return address;
  }

  /** Makes the views anew, which memory that grows takes away, and tells the module where things lie. */
  #look(): void {
    const { buffer } = this.#memory;
    this.header = new Int32Array(buffer, 0, Object.keys(HEADER).length);
    this.cells = new Int32Array(buffer, this.#cellsAt, this.#capacity * NODE_CELLS);
    this.keyBytes = new Uint8Array(buffer, this.#keysAt, this.#keyCapacity);
    this.#slots = new Int32Array(buffer, this.#slotsAt, this.#slotCount);
    this.header[HEADER.CELLS] = this.#cellsAt;
    this.header[HEADER.KEYS] = this.#keysAt;
    this.header[HEADER.SLOTS] = this.#slotsAt;
    this.header[HEADER.LAST_SLOT] = this.#slotCount - 1;
    this.header[HEADER.SEED] = this.#seed;
  }
}

/** Without a target: everything may stand everywhere. */
const FREE: TargetNode = { ...NO_COLUMN, deny: 0 };

/**
 * How many digits a number without exponent may have, before, after and on both sides of its point, so that `numberVerdict` is
 * `fits` without a look at it. FLOAT keeps any 6; a decimal column takes up to 15 characters, sign and point among them.
 */
function sureDigits(check: NumberCheck | undefined): {
  readonly whole: number;
  readonly scale: number;
  readonly digits: number;
} {
  if (check === undefined) return { whole: NO_LIMIT, scale: NO_LIMIT, digits: NO_LIMIT };
  if (check.kind === "float") return { whole: 6, scale: 6, digits: 6 };
  return { whole: check.precision - check.scale, scale: check.scale, digits: 13 };
}
