import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A file of this installation, by its path from the package's folder: the same from a clone and from the published bundle, whose modules lie
 * in another depth. Undefined when no folder above is Landfall's package.
 */
export function installedFile(path: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (isOurs(folder)) return join(folder, path);
    if (folder === dirname(folder)) return undefined;
  }
}

function isOurs(folder: string): boolean {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    return (JSON.parse(text) as { readonly name?: string }).name === "landfall";
  } catch {
    return false;
  }
}
