/** Looks at one Parquet file, or unpacks what is compressed or stands in an archive: Parquet is read from a file of its own. */
import { join } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { feedArrival, type PartReader } from "./feed-arrival.ts";
import type { OnBytes } from "./feed-file.ts";
import { EMPTY_PARQUET, parquetDamage } from "./look-at-parquet.ts";
import type { JobFile, UnpackedPart, UnpackJob, WithParts } from "./scan-jobs.ts";
import { SpillWriter } from "./spill-writer.ts";

/** Who may read the table may read what becomes one of its data files, as those that the engine writes: all that the umask leaves. */
const DATA_FILE_MODE = 0o666;

/** @throws as `feedArrival`, and FILE_DAMAGED for a part that cannot be Parquet */
export async function unpackParquetFile(options: {
  readonly job: UnpackJob;
  readonly file: JobFile;
  readonly onBytes: OnBytes | undefined;
}): Promise<WithParts<UnpackedPart>> {
  const { job, file } = options;
  const { limits, spillFolder } = job;
  const parts: UnpackedPart[] = [];
  const open = (member: string | undefined): PartReader => {
    const isCopied = member === undefined && job.copied.includes(file.rank);
    const path = join(spillFolder, `${file.rank}-${parts.length}.unpacked`);
    const spill = new SpillWriter(path, isCopied ? DATA_FILE_MODE : undefined);
    let isFile = member === undefined;
    return {
      write(bytes, isStored) {
        isFile = isStored;
        if (!isStored || isCopied) spill.write(bytes);
      },
      end() {
        spill.close();
        const isEmpty = !isFile && spill.bytes === 0;
        const damage = isEmpty ? EMPTY_PARQUET : parquetDamage(isFile ? file.path : spill.path);
        if (damage !== undefined) throw damaged(file, damage);
        parts.push({
          ...(member === undefined ? {} : { member }),
          ...(isFile && !isCopied ? {} : { path: spill.path }),
          ...(isFile && isCopied ? { isCopy: true } : {}),
        });
      },
      close: () => spill.close(),
    };
  };
  const read = await feedArrival({ file, limits, spillFolder, open, onBytes: options.onBytes });
  if (read.inflatedBytes === 0) throw damaged(file, EMPTY_PARQUET);
  return { bytes: read.bytes, crc32: read.crc32, parts };
}

function damaged(file: JobFile, message: string): LandfallError {
  return new LandfallError("FILE_DAMAGED", {
    message,
    hint: "Nothing of the file was ingested. Deliver it again.",
    file: displayKey(file.path),
  });
}
