// From a clone the sources run as they are; the published package holds them bundled (tools/build.ts).
import { existsSync } from "node:fs";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

enableCompileCache();
// For the engine's process and the worker threads, which start with what stands in the environment. Node itself puts a folder for
// its version below the one that it is given.
const cache = getCompileCacheDir();
if (cache !== undefined) process.env.NODE_COMPILE_CACHE ??= dirname(cache);
const source = new URL("../src/cli/main.ts", import.meta.url);
const { main } = await import(
  existsSync(fileURLToPath(source)) ? source.href : new URL("../dist/main.js", import.meta.url).href
);
await main(process.argv);
