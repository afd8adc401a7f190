/** Where a sidecar of a V2 checkpoint lies (PROTOCOL.md, "Sidecar File Information"). */
import { encodePathBytes } from "../base/path-bytes.ts";
import { isAbsolutePath } from "./add-path.ts";
import { LOG_FOLDER } from "./log-files.ts";

export const SIDECAR_FOLDER = `${LOG_FOLDER}_sidecars/`;

/**
 * The key of a sidecar in the table's storage; undefined where its path leads anywhere but into `_delta_log/_sidecars`. Of an absolute
 * path the name is enough: sidecars lie in the table's own folder always, so a table that was moved finds them too.
 *
 * @param path URI-encoded, as `sidecar.path` holds it
 */
export function sidecarKey(path: string): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (isAbsolutePath(path)) {
    const at = name.lastIndexOf(`/${SIDECAR_FOLDER}`);
    if (at === -1) return undefined;
    name = name.slice(at + 1 + SIDECAR_FOLDER.length);
  }
  if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name)) return undefined;
  return SIDECAR_FOLDER + encodePathBytes(name);
}
