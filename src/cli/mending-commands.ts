/** The commands that mend single files: retry, forget, relocate, adopt. Each loads what it needs when it is called. */
import process from "node:process";
import { Option, type Command } from "commander";
import type { DecisionKind } from "../ingest/decision.ts";
import type { FilesAdoptFlags } from "./commands/files-adopt.ts";
import type { FilesDecideFlags } from "./commands/files-decide.ts";
import type { FilesRelocateFlags } from "./commands/files-relocate.ts";
import { JSON_OUTPUT, NAME, PLACE, STATE } from "./looking-commands.ts";

const DRY_RUN = new Option("--dry-run", "show what would be changed, and change nothing");

/** Adds them to the command `files`. */
export function addMending(files: Command, signal: AbortSignal): void {
  const decide =
    (kind: DecisionKind) =>
    async (place: string, names: string[], flags: FilesDecideFlags): Promise<void> => {
      const { filesDecideCommand } = await import("./commands/files-decide.ts");
      process.exitCode = await filesDecideCommand({ kind, place, files: names, flags, signal });
    };
  files
    .command("retry")
    .description("Has the next run read quarantined files again.")
    .argument(...PLACE)
    .argument("[files...]", "paths, ends of paths, or quoted globs such as '*.json' or '2026/**'")
    .option("--failed", "all that are quarantined; with names, only those of them")
    .addOption(DRY_RUN)
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall files retry ./table --failed
  $ landfall files retry ./table broken.json '2026/03/**' --dry-run`,
    )
    .action(decide("retry"));
  files
    .command("forget")
    .description("Has the next run read files again, those in the table too; rows that stand there stay.")
    .argument(...PLACE)
    .argument("<files...>", "paths, ends of paths, or quoted globs such as '*.json' or '2026/**'")
    .option("--allow-duplicate-rows", "also files in the table: read again, their rows are there twice")
    .addOption(DRY_RUN)
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Example:
  $ landfall files forget ./table 2026/03/a.json --allow-duplicate-rows --dry-run`,
    )
    .action(decide("forget"));
  files
    .command("relocate")
    .description(
      "Says that a pipeline's files lie in another folder now: what was read there is not read again here.",
    )
    .argument(...PLACE)
    .requiredOption("--from <folder>", "where the source was; it need not be there any more")
    .requiredOption("--to <folder>", "where it is now")
    .option("--archive-from <folder>", "where the archive was, if it moved, too")
    .option("--archive-to <folder>", "where the archive is now")
    .option("--yes", "also where nothing that was read lies in the new place")
    .addOption(DRY_RUN)
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Example:
  $ landfall files relocate ./table --from /mnt/old/in --to /mnt/new/in --dry-run`,
    )
    .action(async (place: string, flags: FilesRelocateFlags) => {
      const { filesRelocateCommand } = await import("./commands/files-relocate.ts");
      process.exitCode = await filesRelocateCommand({ place, flags, signal });
    });
  files
    .command("adopt")
    .description("Keeps files out that another loader has read already: no run of the pipeline reads them.")
    .argument("<pipeline.yaml>", "the pipeline's declaration; it may be one that has never run")
    .argument(
      "<list>",
      "CSV with a header (path,size and, if known, mtime), lines of JSON or Parquet with such keys, or the folder of a Spark checkpoint; paths absolute or below the source",
    )
    .option(
      "--list-source <uri>",
      "what the list calls the source, such as s3://bucket/raw (default: the source's path)",
    )
    .option(
      "--no-checksums",
      "do not read the files; one that is only touched later is then read as a new one (default: each is read once, for its CRC-32)",
    )
    .addOption(DRY_RUN)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall files adopt pipeline.yaml loaded.csv --dry-run
  $ landfall files adopt pipeline.yaml ./checkpoint
  $ landfall files adopt pipeline.yaml state.parquet --list-source s3://bucket/raw`,
    )
    .action(async (file: string, list: string, flags: FilesAdoptFlags) => {
      const { filesAdoptCommand } = await import("./commands/files-adopt.ts");
      process.exitCode = await filesAdoptCommand({ file, list, flags, signal });
    });
}
