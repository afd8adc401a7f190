/** What a person's code has thrown, as one line with the place in that code. */
import { basename } from "node:path";
import { inspect } from "node:util";
import { fileURLToPath, pathToFileURL } from "node:url";

const LONGEST = 500;

/** `Error: no id (flatten.ts:12)`, for anything that was thrown; the place is left out where it is not known. */
export function thrownText(thrown: unknown, path: string): string {
  try {
    const place = placeOf(thrown, path);
    return `${firstLine(thrown)}${place === undefined ? "" : ` (${place})`}`;
  } catch {
    // An object that throws when it is looked at.
    return "something that cannot be shown";
  }
}

function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inspect(thrown, { depth: 1 });
  const line = text.split("\n").find((each) => each.trim() !== "") ?? text;
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** The innermost frame in the module itself, else in any file that it uses. Errors of syntax begin with their place instead. */
function placeOf(thrown: unknown, path: string): string | undefined {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return undefined;
  const { stack } = thrown;
  const begin = /^(\/.+|file:\/\/\/.+):(\d+)\n/.exec(stack);
  if (begin !== null) return placeText(begin[1]!, begin[2]!);
  const url = pathToFileURL(path).href;
  const inModule = stack.indexOf(`${url}:`);
  if (inModule !== -1) return placeText(url, /^\d*/.exec(stack.slice(inModule + url.length + 1))![0]);
  const frame = [...stack.matchAll(/(file:\/\/\/[^\s)]+?):(\d+)/g)].find(
    (each) => !each[1]!.startsWith(OURS),
  );
  return frame === undefined ? undefined : placeText(frame[1]!, frame[2]!);
}

/** `flatten.ts:12`; `file` is a path or a URL. */
export function placeText(file: string, line: string): string {
  return `${basename(file.startsWith("file:") ? fileURLToPath(file) : file)}:${line}`;
}

const OURS = new URL(".", import.meta.url).href;
