import { LandfallError, isLandfallError, messageOf, systemCodeOf } from "../base/landfall-error.ts";

/** What the file system's refusals mean, and what a person can do about each. */
const MEANINGS: Record<string, { readonly what: string; readonly hint: string }> = {
  EACCES: { what: "permission denied", hint: "Give the user that runs landfall the right to do this." },
  EPERM: { what: "operation not permitted", hint: "Give the user that runs landfall the right to do this." },
  EROFS: { what: "the file system is read-only", hint: "Mount it writable or choose another place." },
  ENOSPC: {
    what: "no space left",
    hint: "Free some room and run again; nothing that was committed is lost.",
  },
  EDQUOT: {
    what: "the quota is used up",
    hint: "Free some room and run again; nothing that was committed is lost.",
  },
  ENOTDIR: { what: "a file stands where a folder is needed", hint: "Choose another location." },
  EISDIR: { what: "a folder stands where a file is needed", hint: "Choose another location." },
  ENAMETOOLONG: { what: "the name is too long", hint: "Choose a shorter location." },
  EMFILE: { what: "too many open files", hint: "Raise the limit of open files (ulimit -n)." },
  EIO: { what: "input/output error", hint: "Check the disk; then run again." },
};

/**
 * Translates an error of the local file system once, where it was met. `doing` is a phrase such as "write".
 * An error that is Landfall's already stays as it is.
 */
export function storageError(error: unknown, doing: string, path: string): LandfallError {
  if (isLandfallError(error)) return error;
  const system = systemCodeOf(error);
  if (system === "ENOENT") {
    return new LandfallError("OBJECT_MISSING", {
      message: `Cannot ${doing} ${path}: it does not exist.`,
      hint: "It was removed meanwhile, or the location is wrong.",
      file: path,
      cause: error,
    });
  }
  const meaning = system === undefined ? undefined : MEANINGS[system];
  const full = system === "ENOSPC" || system === "EDQUOT";
  return new LandfallError(full ? "STORAGE_FULL" : "STORAGE_FAILED", {
    message: `Cannot ${doing} ${path}: ${meaning?.what ?? messageOf(error)}.`,
    hint: meaning?.hint ?? "Mend what the message says of the disk, and run again.",
    file: path,
    cause: error,
  });
}
