/** Turns one Avro file, or each member of an archive, into lines of JSON, one row each, whose values the engine casts to the file's own types. */
import { join } from "node:path";
import { avroDamage } from "./avro-damage.ts";
import { avroRows } from "./avro-rows.ts";
import { feedArrival, type PartReader } from "./feed-arrival.ts";
import type { OnBytes } from "./feed-file.ts";
import type { ConvertedRows, ConvertJob, JobFile, WithParts } from "./scan-jobs.ts";

/** @throws as `feedArrival`, and FILE_DAMAGED for a part that cannot be read to its end */
export async function convertAvro(options: {
  readonly job: ConvertJob;
  readonly file: JobFile;
  readonly onBytes: OnBytes | undefined;
}): Promise<WithParts<ConvertedRows>> {
  const { job, file, onBytes } = options;
  const { limits, spillFolder } = job;
  const parts: ConvertedRows[] = [];
  const open = (member: string | undefined): PartReader => {
    const path = join(spillFolder, `${file.rank}-${parts.length}.ndjson`);
    const onEnd = (rows: ConvertedRows): number =>
      parts.push({ ...(member === undefined ? {} : { member }), ...rows });
    return avroRows({ ...job, path, firstRow: job.numbered ? 0 : undefined, onEnd });
  };
  const read = await feedArrival({ file, limits, spillFolder, open, onBytes });
  if (read.inflatedBytes === 0) throw avroDamage("the file is empty");
  return { bytes: read.bytes, crc32: read.crc32, parts };
}
