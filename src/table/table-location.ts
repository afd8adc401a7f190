import { fileURLToPath } from "node:url";
import { LandfallError } from "../base/landfall-error.ts";
import { canonicalPath } from "../base/canonical-path.ts";

/** Two letters and more: `C:` would be a drive. */
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):/;

/** The folder that a table's URI names, absolute and with its links resolved. @throws LandfallError USAGE */
export function tableLocation(uri: string | URL): string {
  const text = uri instanceof URL ? uri.href : uri;
  if (typeof text !== "string" || text === "")
    throw wrongUri("openTable needs the place of a table.", undefined);
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return canonicalPath(text);
  if (scheme !== "file") throw wrongUri(`Tables behind ${scheme}: cannot be opened.`, text);
  try {
    return canonicalPath(fileURLToPath(text));
  } catch (cause) {
    throw wrongUri(`${text} names no folder of this machine.`, text, cause);
  }
}

function wrongUri(message: string, table: string | undefined, cause?: unknown): LandfallError {
  return new LandfallError("USAGE", {
    message,
    hint: "Supported are paths, such as openTable('./table'), and file: URLs.",
    ...(table === undefined ? {} : { table }),
    cause,
  });
}
