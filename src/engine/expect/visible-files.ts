/** The files of a batch as an instance that sees only named files must be told of them. */
import { copyFile, mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { decodePathBytes, encodePathBytes } from "../../base/path-bytes.ts";
import type { StageFile, StageRequest } from "../engine.ts";

/**
 * Where the files lie, links resolved, since that is what the instance compares. A path that is not UTF-8 cannot be told to it: such a
 * file is copied into the scratch folder, and read there. What is gone by now is left for the read to find.
 */
export async function visibleFiles(
  request: StageRequest,
): Promise<{ readonly request: StageRequest; readonly files: readonly string[] }> {
  const visible: string[] = [];
  const files: StageFile[] = [];
  for (const [i, file] of request.files.entries()) {
    const real = await realpath(decodePathBytes(file.path), { encoding: "buffer" }).catch(() => undefined);
    const text = real?.toString("utf8");
    if (real === undefined || text === undefined || Buffer.from(text, "utf8").equals(real)) {
      if (text !== undefined) visible.push(text);
      files.push(file);
      continue;
    }
    const folder = join(request.scratchFolder, "copies");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copy = join(folder, String(i));
    await copyFile(real, copy);
    files.push({ ...file, copy: encodePathBytes(copy) });
  }
  return { request: { ...request, files }, files: visible };
}
