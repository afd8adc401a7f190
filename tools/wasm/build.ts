/**
 * Compiles the scanners' hot loops (scan.as.ts and csv.as.ts in src/engine/scan/wasm/) into the modules beside them: `npm run wasm`.
 * With `--check` it compiles and compares with the committed modules byte for byte, so that nobody has to trust a binary.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = "src/engine/scan/wasm";
/** Each is compiled from `<name>.as.ts` to `<name>.wasm`. */
const MODULES = ["scan", "csv"] as const;
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

function compile(name: string, output: string): void {
  run(process.execPath, [COMPILER, `${FOLDER}/${name}.as.ts`, ...OPTIONS, "-o", output]);
}

function check(): void {
  const folder = mkdtempSync(join(tmpdir(), "landfall-wasm-"));
  try {
    for (const name of MODULES) {
      const [source, module] = [`${FOLDER}/${name}.as.ts`, `${FOLDER}/${name}.wasm`];
      const output = join(folder, `${name}.wasm`);
      compile(name, output);
      if (readFileSync(output).equals(readFileSync(join(ROOT, module)))) {
        console.log(`${module} is what ${source} compiles to`);
        continue;
      }
      console.error(
        `${module} is not what ${source} compiles to: run \`npm run wasm\` and commit the module.`,
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

installCompiler();
if (process.argv.includes("--check")) check();
else for (const name of MODULES) compile(name, `${FOLDER}/${name}.wasm`);
