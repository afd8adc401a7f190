/** Where the benches find the program, the peers and their data. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LANDFALL_BIN } from "../test/support/run-landfall.ts";
import { judgesFolder } from "../test/support/judges-folder.ts";
import type { Command } from "./measure-process.ts";

export const BENCHMARKS_PAGE: string = join(import.meta.dirname, "../docs/benchmarks.md");

/** Made once and kept: `$LANDFALL_BENCH`, else a folder in the temporary one. */
export function benchFolder(): string {
  return process.env["LANDFALL_BENCH"] ?? join(tmpdir(), "landfall-bench");
}

export function judgesPython(): string {
  return join(judgesFolder(), "venv/bin/python");
}

export function landfall(...args: readonly string[]): Command {
  return { program: process.execPath, args: [LANDFALL_BIN, ...args] };
}

/** A script of bench/peers in the judges' Python, or in this Node. */
export function peer(script: string, ...args: readonly string[]): Command {
  const path = join(import.meta.dirname, "peers", script);
  if (script.endsWith(".ts")) return { program: process.execPath, args: [path, ...args] };
  const env = { LANDFALL_JUDGES: judgesFolder(), PYTHONDONTWRITEBYTECODE: "1" };
  return { program: judgesPython(), args: [path, ...args], env };
}
