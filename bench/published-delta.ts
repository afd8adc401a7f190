/** `landfall/delta` of the package that `buildLandfall` made, as a program has it that depends on the package. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as delta from "../src/delta.ts";
import { packageFolder } from "./package-folder.ts";

export function publishedDelta(): Promise<typeof delta> {
  return import(pathToFileURL(join(packageFolder(), "dist/delta.js")).href) as Promise<typeof delta>;
}
