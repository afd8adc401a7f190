// From a clone the sources run as they are; the published package holds the compiled ones.
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache();
const source = new URL("../src/cli/main.ts", import.meta.url);
const { main } = await import(
  existsSync(fileURLToPath(source)) ? source.href : new URL("../dist/src/cli/main.js", import.meta.url).href
);
await main(process.argv);
