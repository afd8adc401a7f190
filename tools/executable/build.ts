/**
 * Builds Landfall as one file that needs no Node: `node tools/executable/build.ts [FILE]` (default: `landfall`), for the platform that it
 * runs on. The file is Node itself with the package, and the libraries that are not bundled, inside.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { buildPackage } from "../build.ts";

const ROOT = join(import.meta.dirname, "../..");
/** The first that builds executables by itself (`--build-sea`). */
const NODE = "node@26";

/** Whatever of the dependencies lies in files of its own beside the bundle. */
const LIBRARIES = [
  "@duckdb/node-api",
  "@duckdb/node-bindings",
  `@duckdb/node-bindings-${process.platform}-${process.arch}`,
  "libxml2-wasm",
];

export function nodeThatBuilds(): string | undefined {
  // Without the settings of the npm that may have started this.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const asked = ["--yes", NODE, "-p", "process.execPath"];
  const { status, stdout } = spawnSync("npx", asked, { cwd: tmpdir(), encoding: "utf8", env });
  return status === 0 ? stdout.trim() : undefined;
}

/** @throws Error when that Node does not build it */
export async function buildExecutable(options: {
  readonly node: string;
  readonly file: string;
}): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "landfall-executable-"));
  try {
    const folder = join(work, "package");
    await buildPackage(folder);
    for (const name of LIBRARIES)
      cpSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), {
        recursive: true,
        dereference: true,
      });
    const files = filesBelow(folder);
    const build = join(work, "build");
    writeFileSync(build, digestOf([...files, join(ROOT, "tools/executable/start.cjs")]));
    const config = join(work, "sea.json");
    writeFileSync(
      config,
      JSON.stringify({
        main: join(ROOT, "tools/executable/start.cjs"),
        output: options.file,
        executable: options.node,
        disableExperimentalSEAWarning: true,
        execArgv: ["--disable-warning=ExperimentalWarning"],
        assets: { build, ...Object.fromEntries(files.map((file) => [relative(folder, file), file])) },
      }),
    );
    const built = spawnSync(options.node, ["--build-sea", config], { encoding: "utf8" });
    if (built.status !== 0) throw new Error(`${options.node} --build-sea: ${built.stdout}${built.stderr}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:map|d\.[mc]?ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function digestOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.length} `).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

if (import.meta.main) {
  const [file = "landfall"] = process.argv.slice(2);
  const node = nodeThatBuilds();
  if (node === undefined) throw new Error(`npx could not get ${NODE}, which builds the executable`);
  await buildExecutable({ node, file: resolve(file) });
  process.stdout.write(`${resolve(file)}\n`);
}
