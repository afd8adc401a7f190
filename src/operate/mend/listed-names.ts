/**
 * From a path as another loader wrote it to what it may be called in the source: that loader may have seen the source under an URI, and may have
 * percent-encoded what it wrote. Pure.
 */

/** The likeliest first, below the source or absolute inside it; undefined for what lies elsewhere. */
export function listedNames(
  path: string,
  options: {
    /** The source's path. */
    readonly source: string;
    /** What the list calls it, such as `s3://bucket/raw`. */
    readonly listSource?: string | undefined;
  },
): readonly string[] | undefined {
  const { source, listSource } = options;
  if (listSource !== undefined) {
    const rest = below(path, listSource) ?? below(withoutFile(path), withoutFile(listSource));
    if (rest !== undefined) return withDecoded(rest);
  }
  if (path.startsWith("file:/")) return inside(withDecoded(withoutFile(path)), source);
  if (/^[a-z][a-z0-9+.-]*:\//i.test(path)) return undefined;
  return path.startsWith("/") ? inside([path], source) : [path];
}

/** `file:/a`, `file:///a` and `/a` are one. */
function withoutFile(path: string): string {
  return path.replace(/^file:(?:\/\/)?(?=\/)/, "");
}

function below(path: string, folder: string): string | undefined {
  const start = folder.endsWith("/") ? folder : `${folder}/`;
  return path.startsWith(start) && path.length > start.length ? path.slice(start.length) : undefined;
}

function inside(paths: readonly string[], source: string): readonly string[] | undefined {
  const found = paths.filter((path) => below(path, source) !== undefined);
  return found.length > 0 ? found : undefined;
}

/** A name may hold a percent sign of its own, so that it is tried as it stands, too. */
function withDecoded(path: string): readonly string[] {
  try {
    return [...new Set([decodeURIComponent(path), path])];
  } catch {
    return [path];
  }
}
