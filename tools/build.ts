/**
 * Builds what is published: `node tools/build.ts` writes `dist/` (npm does so before it packs), `node tools/build.ts FOLDER` a folder
 * with all that the package holds. The program, the engine's process and the worker threads are one module each instead of some three
 * hundred: Node spends longer on finding and reading small modules than on running them.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { rolldown, type OutputChunk } from "rolldown";
import { PUBLIC_MODULES, publicTypesFile } from "./public-types.ts";

const ROOT = join(import.meta.dirname, "..");

/** What is started from a file, besides the program: each stands in `dist/` under its own name, where `siblingModule` looks for it. */
const STARTED = [
  "src/cli/main.ts",
  "src/engine/engine-process.ts",
  "src/engine/scan/scan-worker.ts",
  "src/engine/transform/module-process.ts",
  "src/engine/transform/end-with-parent.ts",
  "src/ledger/sqlite-ledger-worker.ts",
];

/** For other programs. Each bundled by itself: what it shares with the others would else be loaded in pieces. */
const IMPORTED = PUBLIC_MODULES.map((module) => `src/${module}.ts`);

/** Hold native code or WebAssembly that they find by their own paths. */
const NOT_BUNDLED = [/^@duckdb\/node-bindings/, "libxml2-wasm"];

/** The package as it is published, in a new folder. Its dependencies are not installed there. */
export async function buildPackage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly files: readonly string[];
  };
  for (const name of [...files, "package.json", "README.md", "LICENSE"])
    if (name !== "dist") cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  await buildDist(join(folder, "dist"));
}

async function buildDist(dist: string): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  const chunks = await bundled(STARTED, dist);
  for (const path of IMPORTED) chunks.push(...(await bundled([path], dist)));
  for (const module of PUBLIC_MODULES) writeFileSync(join(dist, `${module}.d.ts`), publicTypesFile(module));
  const wasm = join(ROOT, "src/engine/scan/wasm");
  mkdirSync(join(dist, "wasm"));
  for (const name of readdirSync(wasm).filter((file) => file.endsWith(".wasm")))
    cpSync(join(wasm, name), join(dist, "wasm", name));
  writeFileSync(join(dist, "LICENSES.txt"), licences(chunks));
}

async function bundled(paths: readonly string[], dist: string): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    cwd: ROOT,
    platform: "node",
    input: Object.fromEntries(paths.map((path) => [basename(path, ".ts"), path])),
    external: NOT_BUNDLED,
    // What the command line loads late, the library may load at once.
    checks: { ineffectiveDynamicImport: false },
  });
  // All in one folder: modules find each other, and the files beside them, as they do in the sources' own folders.
  const { output } = await bundle.write({
    dir: dist,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  });
  await bundle.close();
  return output.filter((part): part is OutputChunk => part.type === "chunk");
}

/** Of every package of which something stands in the chunks: the text, or its name where the package brings none. */
function licences(chunks: readonly OutputChunk[]): string {
  const folders = new Set(
    chunks.flatMap(({ moduleIds }) =>
      moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
    ),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license, author } = JSON.parse(
      readFileSync(join(folder, "package.json"), "utf8"),
    ) as Record<string, string>;
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? `${license}, ${author}` : readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  return `dist/ holds parts of these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) await buildDist(join(ROOT, "dist"));
  else if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
  else await buildPackage(folder);
}
