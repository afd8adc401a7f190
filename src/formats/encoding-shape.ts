import { z } from "zod";
import { option } from "./option.ts";
import { textEncoding } from "./text-encoding.ts";

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
