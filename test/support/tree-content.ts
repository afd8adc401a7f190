/** All that lies below a folder, to be compared before and after what must leave nothing behind. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** By path: a folder, or a hash of a file's bytes and its modification time. */
export function contentOf(folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    const info = statSync(path, { bigint: true });
    found.set(
      name,
      info.isFile()
        ? `${info.mtimeNs} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`
        : "folder",
    );
  }
  return found;
}
