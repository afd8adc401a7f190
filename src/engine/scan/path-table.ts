/**
 * The paths of a file while it is scanned: one integer per path, one typed array per property, so that the hot loop touches
 * no objects. What a record has changed can be taken back, because a malformed record must leave no trace in the inference.
 */
import { EMPTY_TRIE, type TrieNode } from "../../schema/lattice.ts";
import { NO_COLUMN, type NumberCheck, type TargetNode } from "../../schema/fit.ts";
import { canonicalMask } from "../../schema/value-class.ts";

/** The node of the top-level object. */
export const ROOT = 0;
/** The node of every key beyond the limit of paths. */
export const OVERFLOW = 1;

const QUOTE = 34;
const BACKSLASH = 92;
const HASH_PRIME = 16777619;
const MAX_DIGITS = 65535;
/** Paths at first. Arrays of up to 64 bytes are cheap to make, and there is a table for each of thousands of small files. */
const FEW = 16;

export class PathTable {
  // Read by the hot loop; replaced when the table grows.
  /** Classes seen. */
  mask = new Int32Array(FEW);
  /** Classes that make a record dirty. */
  deny = new Int32Array(FEW);
  /** 1 + index into `checks`, or 0. */
  check = new Int32Array(FEW);
  /** The key that followed this one last time, or -1: the first guess. */
  next = new Int32Array(FEW);
  /** The key that came first in this object last time, or -1. */
  firstKey = new Int32Array(FEW);
  /** The elements of this node's arrays, or -1. */
  element = new Int32Array(FEW);
  /** The last object in which the key stood: finds duplicates. */
  seenIn = new Int32Array(FEW);
  /** The key's bytes with a closing quote: `keyBytes[keyStart, keyEnd)`. */
  keyStart = new Int32Array(FEW);
  keyEnd = new Int32Array(FEW);
  /** The most digits of a number before and after its point. */
  digits = new Int32Array(FEW);
  scales = new Int32Array(FEW);
  keyBytes = new Uint8Array(64);
  readonly checks: NumberCheck[] = [];

  #parent = new Int32Array(FEW);
  #firstOffset = new Float64Array(FEW);
  /** Keys whose bytes stand in a record as they are, so that they can be guessed by comparing bytes. */
  #plain = new Uint8Array(FEW);
  #targets: TargetNode[] = [];
  #children: number[][] = [];
  #count = 0;
  #keyUsed = 0;
  #slots = new Int32Array(FEW).fill(-1);
  // Unknown to whoever writes the data, so that keys cannot be chosen to collide.
  readonly #seed = Math.floor(Math.random() * 0x7fffffff);
  readonly #maxPaths: number;
  #undo: { readonly node: number; readonly mask: number; readonly digits: number; readonly scale: number }[] =
    [];

  /** Without a target nothing is denied. */
  constructor(options: { readonly maxPaths: number; readonly target: TargetNode | undefined }) {
    this.#maxPaths = options.maxPaths;
    const unknown = options.target === undefined ? FREE : NO_COLUMN;
    this.#add(-1, options.target ?? FREE);
    this.#add(-1, unknown);
    this.element[OVERFLOW] = OVERFLOW;
  }

  /** A class is new at a node; `offset` is the value's. Called for the first value of its class only, so it may be slow. */
  learn(node: number, classBit: number, offset: number): void {
    this.#remember(node);
    if (this.mask[node] === 0) this.#firstOffset[node] = offset;
    this.mask[node]! |= classBit;
  }

  /** A number has more digits than any before it at the node. */
  learnDigits(node: number, integerDigits: number, scale: number): void {
    this.#remember(node);
    this.digits[node] = Math.min(MAX_DIGITS, Math.max(this.digits[node]!, integerDigits));
    this.scales[node] = Math.min(MAX_DIGITS, Math.max(this.scales[node]!, scale));
  }

  /** The record is well-formed: what it taught stays. */
  keep(): void {
    if (this.#undo.length > 0) this.#undo = [];
  }

  /** The record is malformed: what it taught is taken back. */
  takeBack(): void {
    for (const { node, mask, digits, scale } of this.#undo.toReversed()) {
      this.mask[node] = mask;
      this.digits[node] = digits;
      this.scales[node] = scale;
    }
    this.#undo = [];
  }

  /** The node of an array's elements. */
  elementOf(node: number): number {
    const known = this.element[node]!;
    if (known !== -1) return known;
    const made = this.#full() ? OVERFLOW : this.#add(node, this.#targetBelow(node, undefined));
    this.element[node] = made;
    return made;
  }

  /** The node of the key whose decoded bytes are `buf[from, to)`, in objects at `parent`; made if it is new. */
  childOf(parent: number, buf: Uint8Array, from: number, to: number): number {
    if (parent === OVERFLOW) return OVERFLOW;
    let hash = this.#seed ^ Math.imul(parent + 1, 0x9e3779b1);
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ buf[i]!, HASH_PRIME);
    hash ^= hash >>> 15;
    const last = this.#slots.length - 1;
    let slot = hash & last;
    for (; this.#slots[slot] !== -1; slot = (slot + 1) & last) {
      const node = this.#slots[slot]!;
      if (this.#parent[node] === parent && this.#keyIs(node, buf, from, to)) return node;
    }
    if (this.#full()) return OVERFLOW;
    return this.#addChild(parent, Buffer.from(buf.subarray(from, to)), slot);
  }

  /** Remembers a key's place for the next record, if its bytes can be compared as they stand. */
  guess(parent: number, previous: number, node: number): void {
    if (this.#plain[node] === 0 || node === OVERFLOW) return;
    if (previous === -1) this.firstKey[parent] = node;
    else if (previous !== OVERFLOW) this.next[previous] = node;
  }

  /** What has been seen, as plain data. Paths of malformed records only are left out. */
  trie(file: number): TrieNode {
    if (this.mask[ROOT] === 0) return EMPTY_TRIE;
    return { ...this.#export(ROOT, file), overflowed: this.mask[OVERFLOW] !== 0 };
  }

  #export(node: number, file: number): TrieNode {
    const fields = new Map<string, TrieNode>();
    for (const child of this.#children[node]!) {
      if (this.mask[child] !== 0) fields.set(this.#keyText(child), this.#export(child, file));
    }
    const element = this.element[node]!;
    return {
      mask: canonicalMask(this.mask[node]!),
      first: { file, offset: this.#firstOffset[node]! },
      integerDigits: this.digits[node]!,
      scale: this.scales[node]!,
      fields,
      element: element > OVERFLOW && this.mask[element] !== 0 ? this.#export(element, file) : undefined,
      overflowed: false,
    };
  }

  #remember(node: number): void {
    this.#undo.push({
      node,
      mask: this.mask[node]!,
      digits: this.digits[node]!,
      scale: this.scales[node]!,
    });
  }

  #full(): boolean {
    return this.#count >= this.#maxPaths;
  }

  #targetBelow(node: number, key: string | undefined): TargetNode {
    const target = this.#targets[node]!;
    if (target === FREE) return FREE;
    return (key === undefined ? target.element : target.fields.get(key)) ?? NO_COLUMN;
  }

  #addChild(parent: number, key: Buffer, slot: number): number {
    const node = this.#add(parent, this.#targetBelow(parent, key.toString("utf8")));
    this.#children[parent]!.push(node);
    this.#slots[slot] = node;
    this.#storeKey(node, key);
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return node;
  }

  #add(parent: number, target: TargetNode): number {
    const node = this.#count++;
    if (node >= this.mask.length) this.#grow();
    this.#parent[node] = parent;
    this.deny[node] = target.deny;
    if (target.check !== undefined) this.check[node] = this.checks.push(target.check);
    this.next[node] = -1;
    this.firstKey[node] = -1;
    this.element[node] = -1;
    this.#targets.push(target);
    this.#children.push([]);
    return node;
  }

  #storeKey(node: number, key: Buffer): void {
    const needed = this.#keyUsed + key.length + 1;
    if (needed > this.keyBytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.keyBytes.length * 2));
      grown.set(this.keyBytes);
      this.keyBytes = grown;
    }
    this.keyBytes.set(key, this.#keyUsed);
    this.keyBytes[needed - 1] = QUOTE;
    this.keyStart[node] = this.#keyUsed;
    this.keyEnd[node] = needed;
    this.#keyUsed = needed;
    this.#plain[node] = key.every((byte) => byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) ? 1 : 0;
  }

  #keyIs(node: number, buf: Uint8Array, from: number, to: number): boolean {
    const start = this.keyStart[node]!;
    if (this.keyEnd[node]! - start - 1 !== to - from) return false;
    for (let i = from, k = start; i < to; i++, k++) if (this.keyBytes[k] !== buf[i]) return false;
    return true;
  }

  #keyText(node: number): string {
    return Buffer.from(this.keyBytes.subarray(this.keyStart[node], this.keyEnd[node]! - 1)).toString("utf8");
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const last = slots.length - 1;
    for (const node of this.#slots) {
      if (node === -1) continue;
      let hash = this.#seed ^ Math.imul(this.#parent[node]! + 1, 0x9e3779b1);
      for (let k = this.keyStart[node]!; k < this.keyEnd[node]! - 1; k++) {
        hash = Math.imul(hash ^ this.keyBytes[k]!, HASH_PRIME);
      }
      let slot = (hash ^ (hash >>> 15)) & last;
      while (slots[slot] !== -1) slot = (slot + 1) & last;
      slots[slot] = node;
    }
    this.#slots = slots;
  }

  #grow(): void {
    this.mask = doubled(this.mask);
    this.deny = doubled(this.deny);
    this.check = doubled(this.check);
    this.next = doubled(this.next);
    this.firstKey = doubled(this.firstKey);
    this.element = doubled(this.element);
    this.seenIn = doubled(this.seenIn);
    this.keyStart = doubled(this.keyStart);
    this.keyEnd = doubled(this.keyEnd);
    this.digits = doubled(this.digits);
    this.scales = doubled(this.scales);
    this.#parent = doubled(this.#parent);
    const offsets = new Float64Array(this.mask.length);
    offsets.set(this.#firstOffset);
    this.#firstOffset = offsets;
    const plain = new Uint8Array(this.mask.length);
    plain.set(this.#plain);
    this.#plain = plain;
  }
}

/** Without a target: everything may stand everywhere. */
const FREE: TargetNode = { ...NO_COLUMN, deny: 0 };

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
