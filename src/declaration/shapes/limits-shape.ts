import { z } from "zod";
import { option } from "../../formats/option.ts";
import { size } from "./values.ts";

export const limitsShape = z.strictObject({
  maxFilesPerTrigger: z.int().min(1).default(50_000).meta(option("count", "Files of one batch, at most.")),
  maxBytesPerTrigger: size()
    .prefault("10g")
    .meta(
      option("size", "Bytes of one batch, at most, except that a single larger file is a batch of its own."),
    ),
  maxRecordBytes: size()
    .prefault("64m")
    .meta(
      option("size", "A longer record is rejected; a file of Avro or XML that holds one is quarantined."),
    ),
  maxDepth: z
    .int()
    .min(1)
    .default(40)
    .meta(
      option(
        "count",
        "Levels of nesting. A record of JSON that is nested deeper is rejected; a file of another format is quarantined. At 42 levels of structs delta-rs can no longer read the table.",
      ),
    ),
  maxColumns: z
    .int()
    .min(1)
    .default(10_000)
    .meta(
      option(
        "count",
        "Columns of the table, nested fields included. A batch that would add more is refused, with the keys that it would add counted.",
      ),
    ),
  maxPartitions: z
    .int()
    .min(1)
    .default(1000)
    .meta(option("count", "A batch that would write more partitions than these is refused.")),
  expansion: z
    .int()
    .min(1)
    .default(200)
    .meta(option("count", "A compressed file that grows more than so many times is quarantined.")),
  maxExpandedBytes: size()
    .prefault("100g")
    .meta(option("size", "A compressed file that grows past this size is quarantined.")),
  maxRejected: z
    .int()
    .min(0)
    .optional()
    .meta(option("count", "A batch that would reject more records is not committed, and the run ends.")),
  maxQuarantined: z
    .int()
    .min(0)
    .optional()
    .meta(option("count", "A batch that would quarantine more files is not committed, and the run ends.")),
  transformSeconds: z
    .int()
    .min(1)
    .default(600)
    .meta(option("count", "Seconds that a `transform` may take for one batch.")),
  transformMemory: size().prefault("1g").meta(option("size", "Memory that a `transform` module may use.")),
});

export const engineShape = z.strictObject({
  memory: size()
    .optional()
    .meta(
      option(
        "size",
        "Memory for the engine. Left out: 512 MB. A write that needs more is done again by one thread, which holds less: slower, but it takes rows of tens of megabytes.",
      ),
    ),
  threads: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .meta(option("count", "Threads of the engine. Left out: one for each core.")),
  spill: size()
    .optional()
    .meta(option("size", "Disk that the engine may spill to. Left out: what is free, within reason.")),
});
