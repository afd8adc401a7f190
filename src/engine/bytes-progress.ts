/** Bytes of many files, told as they are read by several threads. */
import type { StageContext } from "./stage-text.ts";

/** Counts bytes up to those of all files. Nothing where nobody asked. */
export function bytesProgress(
  context: Pick<StageContext, "onProgress">,
  phase: "scan" | "prepare",
  files: readonly { readonly size: number }[],
): ((bytes: number) => void) | undefined {
  const { onProgress } = context;
  if (onProgress === undefined) return undefined;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  return (bytes) => {
    done = Math.min(total, done + bytes);
    onProgress({ phase, done, total });
  };
}
