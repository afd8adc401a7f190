import { z } from "zod";
import { option } from "../../formats/option.ts";
import { archiveFolderFault, plainFolderFault } from "../value-faults.ts";
import { checked, duration } from "./values.ts";

export const archiveShape = z.strictObject({
  to: checked(archiveFolderFault)
    .optional()
    .meta(
      option(
        "text",
        "The folder that files are moved to once their rows are committed, with the folders that they lay in. It may end in date parts, `archive/{yyyy}/{MM}/{dd}` (and `{HH}`): of the batch that read the file, in UTC. Relative to the declaration's folder. Nothing there is ever overwritten: where a name is taken, the file goes into a folder named by its generation, beside it.",
      ),
    ),
  delete: z
    .boolean()
    .optional()
    .meta(option("boolean", "Whether files are deleted once their rows are committed, instead of moved.")),
  after: duration()
    .optional()
    .meta(
      option(
        "duration",
        "How long after its commit a file is moved or deleted. Left out: at once with `to`, 30 days with `delete`.",
      ),
    ),
});

export const quarantineShape = z.strictObject({
  to: checked(plainFolderFault)
    .optional()
    .meta(
      option(
        "text",
        "The folder that quarantined files are moved to, each with a `<name>.reason.json` beside it. Left out: they stay in the source. Relative to the declaration's folder.",
      ),
    ),
});
