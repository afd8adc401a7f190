/**
 * Where the scanner's state lies: one buffer that TypeScript and WebAssembly read alike. wasm/layout.as.ts has the same numbers,
 * in bytes; wasm-scanner.test.ts compares the two.
 */

/** The header's fields: indexes of 32-bit integers from the buffer's start. */
export const HEADER = {
  /** Where the module stopped. */
  STOPPED_AT: 0,
  /** Bytes of the dirty record before that place. */
  DIRTY_LENGTH: 1,
  /** Records that the module's last call has settled. */
  RECORDS: 2,
  /** Bytes of the longest well-formed line. */
  LONGEST: 3,
  /** The mark of the last object. */
  MARK: 4,
  /** Byte addresses. */
  CELLS: 5,
  KEYS: 6,
  SLOTS: 7,
  /** Slots of the table of children, less one. */
  LAST_SLOT: 8,
  SEED: 9,
  /** 1 when no further path is told apart. */
  IS_FULL: 10,
  /** The module's stack of containers: byte addresses of its ends. */
  STACK: 11,
  STACK_END: 12,
  MAX_RECORD: 13,
} as const;

/** The fields of a node: indexes of 32-bit integers from its first cell. */
export const CELL = {
  /** Classes seen. */
  MASK: 0,
  /** Classes that make a record dirty. */
  DENY: 1,
  /** The key that followed this one last time, or -1: the first guess. */
  NEXT: 2,
  /** The key that came first in this object last time, or -1. */
  FIRST_KEY: 3,
  /** The elements of this node's arrays, or -1. */
  ELEMENT: 4,
  /** The mark of the last object in which the key stood: finds duplicates. */
  SEEN_IN: 5,
  /** The key's bytes with a closing quote: `keyBytes[KEY_START, KEY_END)`. */
  KEY_START: 6,
  KEY_END: 7,
  /** The most digits of a number before and after its point. */
  DIGITS: 8,
  SCALE: 9,
  PARENT: 10,
  /** 1 for a key whose bytes stand in a record as they are, so that it can be guessed by comparing bytes. */
  IS_PLAIN: 11,
  /** Numbers without an exponent that have no more digits before, after, and on both sides of the point fit unseen. */
  FIT_WHOLE: 12,
  FIT_SCALE: 13,
  FIT_DIGITS: 14,
  /** 1 + index into the table's `checks`, or 0. */
  CHECK: 15,
} as const;

/** A node is known by the index of its first cell. */
export const NODE_CELLS = 16;

/** Behind the header and the module's own data. */
export const FREE_FROM = 256;
