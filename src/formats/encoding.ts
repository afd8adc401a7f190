/** The encodings that text may have: the labels of the WHATWG Encoding Standard, as `TextDecoder` takes them. */
import { z } from "zod";
import { option } from "./option.ts";

/** What a file is in where nothing says otherwise. */
export const UTF_8 = "UTF-8";

/** True for labels of encodings that can be read. */
export function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label, { fatal: true }).fatal;
  } catch {
    return false;
  }
}

/** The option of every format of text. */
export const encodingShape = z
  .string()
  .refine(isEncoding, { error: "must name an encoding, such as UTF-16LE, windows-1252 or shift_jis" })
  .prefault(UTF_8)
  .meta(
    option(
      "text",
      "The encoding of the text, by its name in the WHATWG standard (there ISO-8859-1 is windows-1252). A byte order mark of UTF-16 stands over UTF-8; `UTF-16` by itself needs one. " +
        "Bytes that are wrong in UTF-8 reject their record, in any other encoding they quarantine the file.",
    ),
  );
