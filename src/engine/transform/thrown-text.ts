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

/** The innermost frame in the module itself, else in any file that it uses. */
function placeOf(thrown: unknown, path: string): string | undefined {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return undefined;
  const { stack } = thrown;
  const url = pathToFileURL(path).href;
  const inModule = stack.indexOf(`${url}:`);
  if (inModule !== -1) return `${basename(path)}:${parseInt(stack.slice(inModule + url.length + 1), 10)}`;
  const frames = stack.matchAll(/(file:\/\/\/[^\s)]+?):(\d+)/g);
  const frame = [...frames].find((each) => !each[1]!.startsWith(OURS));
  return frame && `${basename(fileURLToPath(frame[1]!))}:${frame[2]!}`;
}

const OURS = new URL(".", import.meta.url).href;
