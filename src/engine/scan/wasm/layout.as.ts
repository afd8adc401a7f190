/** Where the state lies in memory (memory-layout.ts has the same numbers), the classes of values and the bytes of JSON. */

// The header, in bytes from 0.
export const STOPPED_AT: usize = 0;
export const DIRTY_LENGTH: usize = 4;
export const RECORDS: usize = 8;
export const LONGEST: usize = 12;
export const MARK: usize = 16;
export const CELLS: usize = 20;
export const KEYS: usize = 24;
export const SLOTS: usize = 28;
export const LAST_SLOT: usize = 32;
export const SEED: usize = 36;
export const IS_FULL: usize = 40;
export const STACK: usize = 44;
export const STACK_END: usize = 48;
export const MAX_RECORD: usize = 52;

// A node, in bytes from its start.
export const MASK: usize = 0;
export const DENY: usize = 4;
export const NEXT: usize = 8;
export const FIRST_KEY: usize = 12;
export const ELEMENT: usize = 16;
export const SEEN_IN: usize = 20;
export const KEY_START: usize = 24;
export const KEY_END: usize = 28;
export const DIGITS: usize = 32;
export const SCALE: usize = 36;
export const PARENT: usize = 40;
export const IS_PLAIN: usize = 44;
export const FIT_WHOLE: usize = 48;
export const FIT_SCALE: usize = 52;
export const FIT_DIGITS: usize = 56;
export const NODE_BYTES: usize = 64;
/** The node of the keys beyond the limit of paths is the second one. */
export const OVERFLOW: i32 = 16;

// Classes of values (value-class.ts).
export const NULL: i32 = 1 << 0;
export const BOOL: i32 = 1 << 1;
export const INT8: i32 = 1 << 2;
export const INT16: i32 = 1 << 3;
export const INT32: i32 = 1 << 4;
export const INT15: i32 = 1 << 5;
export const INT64_EXACT: i32 = 1 << 6;
export const INT64: i32 = 1 << 7;
export const DEC: i32 = 1 << 10;
export const DEC_LONG: i32 = 1 << 11;
export const TS_ZONED: i32 = 1 << 14;
export const TS_LOCAL: i32 = 1 << 15;
export const TS_NANO: i32 = 1 << 16;
export const DATE: i32 = 1 << 17;
export const STR: i32 = 1 << 18;
export const OBJ: i32 = 1 << 19;
export const ARR: i32 = 1 << 20;
export const DUP: i32 = 1 << 21;
/** Beside the class that `judge` gives: the number fits its column. */
export const FITS: i32 = 1 << 30;

export const NEWLINE: u32 = 10;
export const QUOTE: u32 = 34;
export const COMMA: u32 = 44;
export const MINUS: u32 = 45;
export const POINT: u32 = 46;
export const COLON: u32 = 58;
export const OPEN_ARRAY: u32 = 91;
export const BACKSLASH: u32 = 92;
export const CLOSE_ARRAY: u32 = 93;
export const OPEN_OBJECT: u32 = 123;
export const CLOSE_OBJECT: u32 = 125;
