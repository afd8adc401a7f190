/**
 * Compiles the scanner's hot loop (src/engine/scan/wasm/scan.as.ts) into the module beside it: `npm run wasm`. With `--check` it
 * compiles and compares with the committed module byte for byte, so that nobody has to trust a binary.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = "src/engine/scan/wasm";
const SOURCE = `${FOLDER}/scan.as.ts`;
const MODULE = `${FOLDER}/scan.wasm`;
const PACKAGE = join(import.meta.dirname, "node_modules/assemblyscript");
const COMPILER = join(PACKAGE, "bin/asc.js");
const OPTIONS = [
  "-O3",
  "--converge",
  "--noAssert",
  "--runtime=stub",
  "--enable=simd",
  // The scanner makes the memory, whose first 64 bytes are the header (memory-layout.ts).
  "--importMemory",
  "--noExportMemory",
  "--memoryBase=64",
];

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function readJson(path: string): {
  readonly version: string;
  readonly devDependencies: Record<string, string>;
} {
  return JSON.parse(readFileSync(path, "utf8")) as ReturnType<typeof readJson>;
}

/** Another version may compile to other bytes. */
function isInstalled(): boolean {
  const wanted = readJson(join(import.meta.dirname, "package.json")).devDependencies["assemblyscript"];
  return existsSync(COMPILER) && readJson(join(PACKAGE, "package.json")).version === wanted;
}

function installCompiler(): void {
  if (isInstalled()) return;
  console.log("the AssemblyScript compiler is missing: npm ci --prefix tools/wasm");
  run("npm", ["ci", "--prefix", import.meta.dirname]);
}

function compile(output: string): void {
  run(process.execPath, [COMPILER, SOURCE, ...OPTIONS, "-o", output]);
}

function check(): void {
  const folder = mkdtempSync(join(tmpdir(), "landfall-wasm-"));
  try {
    const output = join(folder, "scan.wasm");
    compile(output);
    if (readFileSync(output).equals(readFileSync(join(ROOT, MODULE)))) {
      console.log(`${MODULE} is what ${SOURCE} compiles to`);
      return;
    }
    console.error(`${MODULE} is not what ${SOURCE} compiles to: run \`npm run wasm\` and commit the module.`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

installCompiler();
if (process.argv.includes("--check")) check();
else compile(MODULE);
