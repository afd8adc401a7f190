/** Where a location of a declaration lies. Pure. */
import { posix } from "node:path";

/**
 * A location as an absolute path: without empty and `.` parts and a `/` at the end (kept after a glob, where it asks for
 * folders). `link/..` is not `.`, so only leading `..` are folded into the base.
 */
export function absoluteLocation(options: {
  readonly baseFolder: string;
  readonly location: string;
}): string {
  const { baseFolder, location } = options;
  const parts = location.split("/").filter((part) => part !== "" && part !== ".");
  let base = location.startsWith("/") ? "/" : posix.resolve("/", baseFolder);
  while (parts[0] === "..") {
    base = posix.dirname(base);
    parts.shift();
  }
  if (parts.length === 0) return base;
  const end = location.endsWith("/") && /[*?[{]/.test(location) ? "/" : "";
  return `${base === "/" ? "" : base}/${parts.join("/")}${end}`;
}
