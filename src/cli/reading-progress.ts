import { formatBytes, formatCount } from "../base/units.ts";

const EVERY_MS = 200;

/** One line on a terminal, nothing elsewhere: how much has been read so far. `doing` stands before it, with one file as `what`. */
export function readingProgress(
  stream: NodeJS.WriteStream,
  { doing, what }: { readonly doing: string; readonly what: string },
): {
  readonly show: (done: { readonly files: number; readonly bytes: number }) => void;
  readonly clear: () => void;
} {
  let last = 0;
  return {
    show({ files, bytes }) {
      const now = Date.now();
      if (!stream.isTTY || now - last < EVERY_MS) return;
      last = now;
      const count = `${formatCount(files)} ${files === 1 ? what : `${what}s`}`;
      stream.write(`\r\u001b[2K${doing}: ${count}, ${formatBytes(bytes)}`);
    },
    clear() {
      if (last > 0) stream.write("\r\u001b[2K");
    },
  };
}
