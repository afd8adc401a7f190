/** Imports a person's module and looks at what it exports. Runs in the module's process. */
import { pathToFileURL } from "node:url";
import { thrownText } from "./thrown-text.ts";
import type { Transform } from "./transform.ts";

/** `why` ends a sentence that begins with the module's name. */
export type LoadedModule =
  | { readonly transform: Transform; readonly columns: string }
  | { readonly why: string };

export async function loadModule(path: string): Promise<LoadedModule> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    return { why: `cannot be loaded: ${thrownText(error, path)}` };
  }
  const { default: transform, columns } = exported;
  if (typeof transform !== "function")
    return { why: `has no default export that is a function${found(transform)}` };
  if (typeof columns !== "string") return { why: `has no export "columns" that is text${found(columns)}` };
  return { transform: transform as Transform, columns };
}

function found(value: unknown): string {
  return value === undefined ? "" : `, but one of type ${typeof value}`;
}
