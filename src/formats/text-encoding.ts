/** The encodings of text files, by one name each. Not beside the option that states one: the scan workers load this, and need no zod. */

/** An encoding by its name here: `utf-16` is told by its byte order mark, those of ISO are ISO's, all else is the WHATWG's. */
export type TextEncoding = string;

/** Names that Java knows and the WHATWG does not, or takes for something else. */
const OWN_NAMES: ReadonlyMap<string, TextEncoding> = new Map([
  ["utf16", "utf-16"],
  ["utf-16", "utf-16"],
  ["utf16le", "utf-16le"],
  ["utf-16be", "utf-16be"],
  ["utf16be", "utf-16be"],
  ["us-ascii", "utf-8"],
  ["ascii", "utf-8"],
  ["iso-8859-1", "iso-8859-1"],
  ["iso8859-1", "iso-8859-1"],
  ["iso88591", "iso-8859-1"],
  ["latin1", "iso-8859-1"],
  ["latin-1", "iso-8859-1"],
  ["cp1252", "windows-1252"],
  ["iso-8859-9", "iso-8859-9"],
  ["iso8859-9", "iso-8859-9"],
  ["iso88599", "iso-8859-9"],
  ["latin5", "iso-8859-9"],
  ["iso-8859-11", "iso-8859-11"],
  ["iso8859-11", "iso-8859-11"],
  ["iso885911", "iso-8859-11"],
  ["tis-620", "iso-8859-11"],
]);

/** The encoding of a name of Java's or the WHATWG's, in any case of letters; undefined for one that cannot be read. */
export function textEncoding(name: string): TextEncoding | undefined {
  const plain = name.trim().toLowerCase().replaceAll("_", "-");
  const own = OWN_NAMES.get(plain);
  if (own !== undefined) return own;
  return whatwgName(plain) ?? whatwgName(name);
}

function whatwgName(label: string): TextEncoding | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).encoding;
  } catch {
    // A label that is not known is the answer, not an error.
    return undefined;
  }
}
