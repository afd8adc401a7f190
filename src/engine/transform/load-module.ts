/** Imports a person's module and looks at what it exports. Runs in the module's process. */
import { spawnSync } from "node:child_process";
import process from "node:process";
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
    return { why: `cannot be loaded: ${thrownText(withPlace(error, path), path)}` };
  }
  const { default: transform, columns } = exported;
  if (typeof transform !== "function")
    return { why: `has no default export that is a function${found(transform)}` };
  if (typeof columns !== "string") return { why: `has no export "columns" that is text${found(columns)}` };
  return { transform: transform as Transform, columns };
}

/**
 * Node tells the line of an error of syntax only as it dies of it, so another process is let die. It gets no further than this
 * one did.
 */
function withPlace(error: unknown, path: string): unknown {
  if (!(error instanceof SyntaxError) || error.stack?.startsWith("SyntaxError:") !== true) return error;
  const { stderr } = spawnSync(process.execPath, [...process.execArgv, path], {
    env: {},
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: LONGEST_LOOK_MS,
    killSignal: "SIGKILL",
  });
  const begin = /^file:\/\/\/.+:\d+\n/.exec(stderr);
  if (begin !== null) error.stack = begin[0] + error.stack;
  return error;
}

const LONGEST_LOOK_MS = 5000;

function found(value: unknown): string {
  return value === undefined ? "" : `, but one of type ${typeof value}`;
}
