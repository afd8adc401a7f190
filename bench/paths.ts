/** Where the benches find the program, the peers and their data. */
import { readdirSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { judgesFolder } from "../test/support/judges-folder.ts";
import { buildPackage } from "../tools/build.ts";
import type { Command } from "./measure-process.ts";
import { packageFolder } from "./package-folder.ts";

export const BENCHMARKS_PAGE: string = join(import.meta.dirname, "../docs/benchmarks.md");

export function judgesPython(): string {
  return join(judgesFolder(), "venv/bin/python");
}

/** Programs that depend on the package. */
const PROGRAMS = [
  "merge-process.ts",
  "merges-process.ts",
  "optimize-process.ts",
  "plan-process.ts",
  "scan-table-process.ts",
  "table-checkpoint-process.ts",
];

/** Builds the package as it is published, of the sources as they stand here: that is what is measured. */
export async function buildLandfall(): Promise<void> {
  const folder = packageFolder();
  rmSync(folder, { recursive: true, force: true });
  await buildPackage(folder);
  await buildPrograms(folder);
  symlinkSync(join(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
}

/** As JavaScript, for to make it of TypeScript takes Node as long as many a program runs. */
async function buildPrograms(folder: string): Promise<void> {
  const peers = readdirSync(join(import.meta.dirname, "peers")).filter((name) => name.endsWith(".ts"));
  const paths = [...PROGRAMS, ...peers.map((name) => `peers/${name}`)];
  const bundle = await rolldown({
    cwd: import.meta.dirname,
    platform: "node",
    input: Object.fromEntries(paths.map((path) => [basename(path, ".ts"), path])),
    external: /^@duckdb\//,
  });
  await bundle.write({ dir: join(folder, "programs"), entryFileNames: "[name].js" });
  await bundle.close();
}

export function landfall(...args: readonly string[]): Command {
  return { program: process.execPath, args: [join(packageFolder(), "bin/landfall.js"), ...args] };
}

/** A program of the benches that depends on the package, or a peer of Node. @param script its name in TypeScript */
export function program(script: string, ...args: readonly string[]): Command {
  const path = join(packageFolder(), "programs", `${basename(script, ".ts")}.js`);
  return { program: process.execPath, args: [path, ...args] };
}

/** A script of bench/peers in the judges' Python, or in this Node. */
export function peer(script: string, ...args: readonly string[]): Command {
  if (script.endsWith(".ts")) return program(script, ...args);
  const path = join(import.meta.dirname, "peers", script);
  const env = { LANDFALL_JUDGES: judgesFolder(), PYTHONDONTWRITEBYTECODE: "1" };
  return { program: judgesPython(), args: [path, ...args], env };
}
