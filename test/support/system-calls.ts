/** The order of a program's system calls, as strace tells it: what a power cut would leave, which SIGKILL cannot show. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { LANDFALL_BIN } from "./run-landfall.ts";

export type SystemCall =
  /** A file's or a folder's bytes are durable; stands where the call returned. */
  | { readonly kind: "sync"; readonly path: string }
  /** A name was made; stands where the call began. */
  | { readonly kind: "name"; readonly from: string; readonly to: string }
  | { readonly kind: "folder"; readonly path: string }
  /** A name was taken away; stands where the call began. */
  | { readonly kind: "gone"; readonly path: string };

export function hasStrace(): boolean {
  return spawnSync("strace", ["--version"]).status === 0;
}

/** Runs the command line under strace and answers its calls in order; calls that failed are left out. */
export async function traceLandfall(
  args: readonly string[],
  options: { readonly log: string; readonly codes: readonly number[] },
): Promise<readonly SystemCall[]> {
  const calls = "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat";
  const child = spawn(
    "strace",
    ["-f", "-y", "-s", "4096", "-e", calls, "-o", options.log, process.execPath, LANDFALL_BIN, ...args],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += String(text)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (!options.codes.includes(code ?? -1)) throw new Error(`it ended with ${String(code)}:\n${stderr}`);
  return parseCalls(readFileSync(options.log, "utf8"));
}

/** One call's text, put together from the line where it began and the line where it returned. */
interface Begun {
  readonly text: string;
  readonly call: { at: number };
}

function parseCalls(log: string): readonly SystemCall[] {
  const found: { at: number; call: SystemCall }[] = [];
  const begun = new Map<string, Begun>();
  log.split("\n").forEach((line, at) => {
    const pid = line.split(" ", 1)[0]!;
    const rest = line.slice(pid.length).trim();
    if (rest.endsWith("<unfinished ...>")) {
      begun.set(pid, { text: rest.replace(/<unfinished \.\.\.>$/, ""), call: { at } });
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const start = resumed === null ? undefined : begun.get(pid);
    const text = start === undefined ? rest : start.text.trimEnd() + resumed![1]!.trimStart();
    if (!text.endsWith("= 0")) return;
    const call = callOf(text);
    if (call === undefined) return;
    // A sync counts when it is over, everything else when it begins: so a race looks like what it is.
    found.push({ at: call.kind === "sync" ? at : (start?.call.at ?? at), call });
  });
  return found.sort((a, b) => a.at - b.at).map(({ call }) => call);
}

function callOf(text: string): SystemCall | undefined {
  const sync = /^f(?:data)?sync\(\d+<(.*)>\)/.exec(text);
  if (sync !== null) return { kind: "sync", path: sync[1]! };
  const paths = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!);
  if (/^(link|rename)/.test(text) && paths.length === 2)
    return { kind: "name", from: paths[0]!, to: paths[1]! };
  if (text.startsWith("unlink") && paths.length === 1) return { kind: "gone", path: paths[0]! };
  if (text.startsWith("mkdir") && paths.length === 1) return { kind: "folder", path: paths[0]! };
  return undefined;
}
