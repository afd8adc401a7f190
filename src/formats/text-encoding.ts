/** The encodings of text files, by one name each, and the option that states one. */
import { z } from "zod";
import { option } from "./option.ts";

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

/** The option of every format of text. */
export const encodingShape = z
  .string()
  .transform((name, context) => {
    const encoding = textEncoding(name);
    if (encoding !== undefined) return encoding;
    context.addIssue({
      code: "custom",
      message:
        "is no encoding that can be read: UTF-8, UTF-16, UTF-16LE, UTF-16BE, ISO-8859-1, windows-1252, Shift_JIS, GBK and others of the WHATWG's names",
    });
    return z.NEVER;
  })
  .prefault("UTF-8")
  .meta(
    option(
      "text",
      "The files' encoding, by Java's or the WHATWG's name. ISO-8859-1 is taken byte for byte, as Java does, and windows-1252 is another encoding. A byte order mark of UTF-16 stands over UTF-8; `UTF-16` by itself needs one. Bytes that are wrong in UTF-8 reject their record, in any other encoding they quarantine the file.",
    ),
  );
