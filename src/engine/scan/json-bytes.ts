/** Bytes that mean something in JSON, and tables of them. */

export const TAB = 9;
export const NEWLINE = 10;
export const CARRIAGE_RETURN = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const COMMA = 44;
export const COLON = 58;
export const OPEN_ARRAY = 91;
export const BACKSLASH = 92;
export const CLOSE_ARRAY = 93;
export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;

const BLANKS = [SPACE, TAB, NEWLINE, CARRIAGE_RETURN];

/** 1 for blanks between tokens. */
export const BLANK = tableOf(BLANKS);

/** 1 for what ends a number or word. */
export const WORD_STOP = tableOf([
  ...BLANKS,
  QUOTE,
  COMMA,
  COLON,
  OPEN_ARRAY,
  CLOSE_ARRAY,
  OPEN_OBJECT,
  CLOSE_OBJECT,
]);

/** 1 for those bytes, 0 for all others. */
export function tableOf(bytes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}
