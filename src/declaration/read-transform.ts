/** What `transform` says: SQL as it stands there, SQL of a file, or a module. The only option whose value names a file to read. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { messageOf, systemCodeOf } from "../base/landfall-error.ts";
import { formatBytes } from "../base/units.ts";
import { absoluteLocation } from "./absolute-location.ts";
import type { DeclaredTransform } from "./declaration.ts";
import type { Mistake } from "./mistakes.ts";

export type TransformReading =
  | { readonly ok: true; readonly transform: DeclaredTransform }
  | { readonly ok: false; readonly mistake: Mistake };

/** Far above what a person writes. */
const MAX_SQL_BYTES = 1024 ** 2;

/** Throws nothing: a file that cannot be read is a mistake of the declaration. */
export function readTransform(options: {
  readonly text: string;
  readonly baseFolder: string;
}): TransformReading {
  const text = options.text.trim();
  const isSqlFile = isOneLine(text) && /\.sql$/i.test(text);
  const isModule = isOneLine(text) && /\.(?:ts|mts|js|mjs)$/i.test(text);
  if (!isSqlFile && !isModule)
    return { ok: true, transform: { kind: "sql", name: "transform", sql: options.text } };
  const path = absoluteLocation({ baseFolder: options.baseFolder, location: text });
  const name = basename(path);
  const fault = fileFault(path, text);
  if (fault !== undefined) return { ok: false, mistake: mistake(fault.message, fault.hint) };
  if (isModule) return { ok: true, transform: { kind: "module", name, path } };
  const sql = sqlOf(path, text);
  if (typeof sql !== "string") return { ok: false, mistake: sql };
  return { ok: true, transform: { kind: "sql", name, sql } };
}

/** A comment at the end of inline SQL may end like a file's name; a path has one line. */
function isOneLine(text: string): boolean {
  return !/[\r\n]/.test(text) && !/^(?:select|with|from)\s/i.test(text);
}

function fileFault(
  path: string,
  written: string,
): { readonly message: string; readonly hint: string } | undefined {
  const again = "It is looked for relative to the folder of the declaration; SQL may also stand here itself.";
  try {
    const info = statSync(path);
    if (info.isFile()) return undefined;
    return { message: `names ${written}, which is no file`, hint: again };
  } catch (error) {
    const why =
      systemCodeOf(error) === "ENOENT" ? "which is not there" : `which cannot be read: ${messageOf(error)}`;
    return { message: `names ${written}, ${why} (${path})`, hint: again };
  }
}

function sqlOf(path: string, written: string): string | Mistake {
  try {
    const { size } = statSync(path);
    if (size > MAX_SQL_BYTES)
      return mistake(
        `names ${written}, which has ${formatBytes(size)}; the most is ${formatBytes(MAX_SQL_BYTES)}`,
        "A transform is one SELECT: what it looks up belongs into a file of the source, or into a table.",
      );
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError)
      return mistake(`names ${written}, which is no text in UTF-8`, "Save the file as UTF-8.");
    return mistake(
      `names ${written}, which cannot be read: ${messageOf(error)}`,
      "Check the right to read it.",
    );
  }
}

function mistake(message: string, hint: string): Mistake {
  return { path: ["transform"], at: "value", message: `transform ${message}`, hint };
}
