/**
 * Tells by the first value of a JSON file whether its lines are its records. It holds what it has not decided on, and goes as
 * far as the end of the first line for nearly every file.
 */
import {
  BACKSLASH,
  BLANK,
  CARRIAGE_RETURN,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  TAB,
} from "./json-bytes.ts";

export type JsonLayout = "lines" | "values";

/** What may come next inside the first object. */
type Expected = "firstKey" | "key" | "colon" | "firstElement" | "value" | "next";

/** Deeper than this nobody decides by what follows. */
const MAX_OPEN = 100_000;

/**
 * The rule of `json.multiLine: auto`. Values, where the file's first value is an array, an object with another value behind it
 * on its line, an object that opens with `{` alone on its line, or one that goes on over lines as JSON may. Else lines: an object that
 * ends on its line, and whatever is no JSON, such as a first line that was cut.
 */
export class JsonLayoutGuess {
  #place: "before" | "object" | "string" | "word" | "after" = "before";
  #expected: Expected = "firstKey";
  /** Closing brackets that are due. */
  readonly #due: number[] = [];
  #escaped = false;
  /** The first value has been left by a newline, and something came after it. */
  #sawNewline = false;
  #goesOn = false;
  /** Nothing but `{` has been seen. */
  #onlyOpened = true;

  /** The next bytes, a byte order mark left out; the answer as soon as they hold it. */
  look(bytes: Buffer): JsonLayout | undefined {
    for (const byte of bytes) {
      const answer = this.#lookAt(byte);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** The answer where no more bytes are to be looked at. */
  atEnd(): JsonLayout {
    const isOpen = this.#place === "object" || this.#place === "string" || this.#place === "word";
    return isOpen && this.#goesOn ? "values" : "lines";
  }

  #lookAt(byte: number): JsonLayout | undefined {
    if (this.#sawNewline && BLANK[byte] === 0) this.#goesOn = true;
    switch (this.#place) {
      case "before":
        return this.#first(byte);
      case "string":
        return this.#inString(byte);
      case "word":
        if (isOfWord(byte)) return undefined;
        this.#place = "object";
        return this.#inObject(byte);
      case "object":
        return this.#inObject(byte);
      case "after":
        return afterObject(byte);
    }
  }

  #first(byte: number): JsonLayout | undefined {
    if (BLANK[byte] === 1) return undefined;
    if (byte === OPEN_ARRAY) return "values";
    if (byte !== OPEN_OBJECT) return "lines";
    this.#place = "object";
    this.#due.push(CLOSE_OBJECT);
    return undefined;
  }

  #inString(byte: number): JsonLayout | undefined {
    if (byte < SPACE) return "lines";
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#place = "object";
    return undefined;
  }

  #inObject(byte: number): JsonLayout | undefined {
    if (byte === NEWLINE) {
      this.#sawNewline = true;
      return this.#onlyOpened ? "values" : undefined;
    }
    if (BLANK[byte] === 1) return undefined;
    this.#onlyOpened = false;
    const expected = this.#expected;
    switch (expected) {
      case "firstKey":
      case "key":
        if (byte === CLOSE_OBJECT && expected === "firstKey") return this.#close();
        return byte === QUOTE ? this.#startString("colon") : "lines";
      case "colon":
        this.#expected = "value";
        return byte === COLON ? undefined : "lines";
      case "firstElement":
        return byte === CLOSE_ARRAY ? this.#close() : this.#startValue(byte);
      case "value":
        return this.#startValue(byte);
      case "next":
        if (byte === this.#due.at(-1)) return this.#close();
        this.#expected = this.#due.at(-1) === CLOSE_OBJECT ? "key" : "value";
        return byte === COMMA ? undefined : "lines";
    }
  }

  #startValue(byte: number): JsonLayout | undefined {
    if (byte === QUOTE) return this.#startString("next");
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (this.#due.length >= MAX_OPEN) return this.#sawNewline ? "values" : "lines";
      this.#due.push(byte + 2);
      this.#expected = byte === OPEN_OBJECT ? "firstKey" : "firstElement";
      return undefined;
    }
    // Whether a number or word is right is the scanner's to say.
    if (!isOfWord(byte)) return "lines";
    this.#place = "word";
    this.#expected = "next";
    return undefined;
  }

  #startString(then: Expected): undefined {
    this.#place = "string";
    this.#expected = then;
  }

  #close(): JsonLayout | undefined {
    this.#due.pop();
    this.#expected = "next";
    if (this.#due.length > 0) return undefined;
    if (this.#sawNewline) return "values";
    this.#place = "after";
    return undefined;
  }
}

/** Behind an object that ended on its first line. */
function afterObject(byte: number): JsonLayout | undefined {
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return "values";
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN ? undefined : "lines";
}

/** Letters, digits, signs and the point. */
function isOfWord(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 97 && byte <= 122) ||
    (byte >= 65 && byte <= 90) ||
    byte === 43 ||
    byte === 45 ||
    byte === 46
  );
}
