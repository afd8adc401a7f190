/** A value that JSON can hold, with integers beyond 2^53 as bigint. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A number of 16 digits or more, which follows what a number may follow; rarely something inside a string looks the same. */
const LONG_NUMBER = /(?:^|[:,[\s])-?[0-9]{16}/;

/**
 * Parses JSON without losing integers: one that no `number` holds exactly becomes a `bigint`.
 * Numbers with a fraction or an exponent become `number`, as in `JSON.parse`.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseJson(text: string): JsonValue {
  // Nearly all of our JSON has no such number; the reviver costs five times the parse.
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as JsonValue;
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? "";
    return /^-?[0-9]+$/.test(source) ? BigInt(source) : value;
  }) as JsonValue;
}

// JSON.rawJSON stands in Node 24 and not yet in TypeScript's library.
const rawJson = (JSON as unknown as { rawJSON: (this: void, text: string) => unknown }).rawJSON;

/** The opposite of `parseJson`: a bigint is printed as an integer. `indent` as in `JSON.stringify`. */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) => (typeof inner === "bigint" ? rawJson(inner.toString()) : inner),
    indent,
  );
}

/** True for a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
