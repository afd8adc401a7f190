/** Where the benches find the program, the peers and their data. */
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { judgesFolder } from "../test/support/judges-folder.ts";
import { buildPackage } from "../tools/build.ts";
import type { Command } from "./measure-process.ts";
import { packageFolder } from "./package-folder.ts";

export const BENCHMARKS_PAGE: string = join(import.meta.dirname, "../docs/benchmarks.md");

export function judgesPython(): string {
  return join(judgesFolder(), "venv/bin/python");
}

/** Builds the package as it is published, of the sources as they stand here: that is what is measured. */
export async function buildLandfall(): Promise<void> {
  const folder = packageFolder();
  rmSync(folder, { recursive: true, force: true });
  await buildPackage(folder);
  symlinkSync(join(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
}

export function landfall(...args: readonly string[]): Command {
  return { program: process.execPath, args: [join(packageFolder(), "bin/landfall.js"), ...args] };
}

/** A script of bench/peers in the judges' Python, or in this Node. */
export function peer(script: string, ...args: readonly string[]): Command {
  const path = join(import.meta.dirname, "peers", script);
  if (script.endsWith(".ts")) return { program: process.execPath, args: [path, ...args] };
  const env = { LANDFALL_JUDGES: judgesFolder(), PYTHONDONTWRITEBYTECODE: "1" };
  return { program: judgesPython(), args: [path, ...args], env };
}
