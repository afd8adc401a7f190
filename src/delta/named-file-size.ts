/** How large a file is that the log names. */
import { stat } from "node:fs/promises";
import { systemCodeOf } from "../base/landfall-error.ts";
import { storageError } from "../storage/storage-error.ts";
import { locateFile, type LocateOptions } from "./locate-file.ts";

/** Bytes; undefined where there is no such file. @throws LandfallError as `locateFile`, STORAGE_FAILED */
export async function namedFileSize(options: LocateOptions): Promise<number | undefined> {
  const place = locateFile(options);
  if (place.kind === "inside") return (await options.storage.head(place.key))?.size;
  try {
    const info = await stat(place.path);
    return info.isFile() ? info.size : undefined;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw storageError(error, "look at", place.path);
  }
}
