import { readFileSync } from "node:fs";
import { installedFile } from "./installed-file.ts";

/** The version of this Landfall, from its package.json. */
export function landfallVersion(): string {
  const file = installedFile("package.json");
  if (file === undefined) return "unknown";
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}
