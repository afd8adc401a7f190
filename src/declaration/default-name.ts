/** The name of a pipeline that nobody named. */
import { createHash } from "node:crypto";
import { posix } from "node:path";

const LONGEST_FOLDER_PART = 40;

/**
 * The source's last folder and eight hex digits of a hash of its location (exactly-once rules, §1), so that the same source
 * has the same name from wherever it is named. `location` is the folder that `splitSourceArguments` gave, relative to the absolute
 * `baseFolder`; the caller resolves links first, since two ways to one folder must give one name. Case and other characters
 * than a-z, 0-9, `_` and `-` are folded in the readable part only. Without a usable folder name it reads `source-<hash>`.
 */
export function defaultPipelineName(options: {
  readonly location: string;
  readonly baseFolder: string;
}): string {
  const canonical = posix.resolve("/", options.baseFolder, options.location);
  const hash = createHash("sha256").update(canonical).digest("hex").slice(0, 8);
  const folder = posix
    .basename(canonical)
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .slice(0, LONGEST_FOLDER_PART)
    .replaceAll(/^[-_]+|[-_]+$/g, "");
  return `${folder === "" ? "source" : folder}-${hash}`;
}
