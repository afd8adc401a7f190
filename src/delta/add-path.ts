/**
 * Paths of data files in the log (PROTOCOL.md, "Add File and Remove File"): a partition directory is Hive-escaped, then the
 * whole path is URI-encoded, so that log paths look encoded twice. Readers decode once.
 */
import { LandfallError } from "../base/landfall-error.ts";
import { encodePathBytes } from "../base/path-bytes.ts";

export const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

const HIVE_ESCAPED = /[\u0000-\u001f\u007f"#%'*/:=?\\{[\]^]/g;
// Spark leaves non-ASCII as it is and kernel-rs encodes it; java.net.URI refuses some of it raw, so it is encoded here.
const URI_KEPT = /^[!$&'()*+,\-./0-9:;=@A-Z_a-z~]$/;

/** A column name or partition value as Hive writes it in a directory's name; null and "" have a name of their own. */
export function escapePartitionText(text: string | null): string {
  if (text === null || text === "") return NULL_PARTITION;
  return text.replaceAll(
    HIVE_ESCAPED,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/**
 * The directory of a partition on disk, without a slash at the end: `a=1/b=A%2FA`; "" without partition columns.
 *
 * @param values the serialized values, as in `add.partitionValues`
 */
export function partitionDirectory(
  columns: readonly string[],
  values: Readonly<Record<string, string | null>>,
): string {
  return columns
    .map((column) => `${escapePartitionText(column)}=${escapePartitionText(values[column] ?? null)}`)
    .join("/");
}

/** The path of a file below the table's root as `add.path` holds it. */
export function encodeAddPath(relativePath: string): string {
  let encoded = "";
  for (const char of relativePath) {
    if (URI_KEPT.test(char)) encoded += char;
    else {
      for (const byte of Buffer.from(char, "utf8")) {
        encoded += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
      }
    }
  }
  // A colon in the first segment would read as an URI's scheme.
  return /^[^/]*:/.test(encoded) ? encoded.replaceAll(/^[^/]*/g, (s) => s.replaceAll(":", "%3A")) : encoded;
}

/**
 * The path of an add or remove with its percent-encoding taken off once: relative to the table's root, or absolute.
 *
 * @param table named in the error. Default: none is
 * @throws LandfallError TABLE_LOG_CORRUPT when it is no percent-encoded UTF-8
 */
export function decodeAddPath(path: string, table?: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new LandfallError("TABLE_LOG_CORRUPT", {
      message: `The path ${JSON.stringify(path)} in the Delta log${table === undefined ? "" : ` of ${table}`} is not percent-encoded UTF-8.`,
      hint: "Find out which program wrote it; its file cannot be found under any name.",
      file: path,
      ...(table === undefined ? {} : { table }),
      cause,
    });
  }
}

/** True for a path that does not lie below the table's root: `file:/…`, `s3://…`, `/…` (shallow clones have them). */
export function isAbsolutePath(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path);
}

/** The key of a data file in the table's storage; undefined for a file that lies elsewhere. */
export function storageKeyOfPath(path: string): string | undefined {
  if (isAbsolutePath(path)) return undefined;
  const plain = plainPath(decodeAddPath(path));
  return /^(?:\/|\.\.(?:\/|$))/.test(plain) ? undefined : encodePathBytes(plain);
}

/**
 * What adds and removes of one file have in common however their path is written: decoded, `file:/x`, `file:///x` and `/x` as one,
 * `s3a:` as `s3:`, without empty and dot segments, and below the root relative to it. Only for comparing, never to be written.
 *
 * @param root the table's folder on this machine, absolute. Undefined: it lies elsewhere, or paths are compared as they are
 */
export function canonicalPath(path: string, root?: string): string {
  const decoded = path.includes("%") ? decodeOrKeep(path) : path;
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):(\/\/[^/]*)?(.*)$/s.exec(decoded);
  if (match === null || !isAbsolutePath(path)) {
    const plain = plainPath(decoded);
    return decoded.startsWith("/") ? (pathBelow(plain, root) ?? `file:${plain}`) : plain;
  }
  const scheme = match[1]!.toLowerCase();
  const authority = match[2] === "//" ? "" : (match[2] ?? "");
  const plain = plainPath(match[3]!);
  const relative = scheme === "file" && authority === "" ? pathBelow(plain, root) : undefined;
  return relative ?? `${/^s3[an]$/.test(scheme) ? "s3" : scheme}:${authority}${plain}`;
}

/** An absolute path relative to the root; undefined for one outside of it, and without a root. */
export function pathBelow(plain: string, root: string | undefined): string | undefined {
  return root !== undefined && plain.startsWith(`${root}/`) ? plain.slice(root.length + 1) : undefined;
}

function decodeOrKeep(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Two lines with the same broken path still mean the same file.
    return path;
  }
}

/** Without empty and `.` segments, and with `..` resolved where something stands before it. */
function plainPath(path: string): string {
  if (!/(?:^|\/)(?:\.{1,2})?(?:\/|$)/.test(path)) return path;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    const last = segments.at(-1);
    if (segment === ".." && last !== undefined && last !== "..") segments.pop();
    else if (segment !== ".." || !path.startsWith("/")) segments.push(segment);
  }
  return (path.startsWith("/") ? "/" : "") + segments.join("/");
}
