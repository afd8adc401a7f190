/** The commands that keep any Delta table in shape: check, and those that write. Each loads what it needs when it is called. */
import process from "node:process";
import { Option, type Command } from "commander";
import type { TableCheckFlags } from "./commands/table-check.ts";
import type { TableCompareFlags } from "./commands/table-compare.ts";
import type { TableOptimizeFlags } from "./commands/table-optimize.ts";
import type { TableRestoreFlags } from "./commands/table-restore.ts";
import type { TableVacuumFlags } from "./commands/table-vacuum.ts";
import { JSON_OUTPUT } from "./looking-commands.ts";
import { TIMESTAMP, VERSION } from "./version-flags.ts";

const DRY_RUN = new Option("--dry-run", "show what would be changed, and change nothing");

/** Adds them to the command `table`. */
export function addMaintenance(table: Command, signal: AbortSignal): void {
  table
    .command("check")
    .description("Whether the table is what its log says; exit code 1, with a list, if not.")
    .argument("<table>", "the table's folder")
    .option("--data", "read every row, too: statistics and deletion vectors are judged by them")
    .addOption(VERSION)
    .addOption(TIMESTAMP)
    .option("--allow-outside", "also look at files outside of the table's folder that the log names")
    .addOption(JSON_OUTPUT)
    .addHelpText("after", "\nWhat is looked at, and what each finding means: docs/reference/table-check.md")
    .action(async (location: string, flags: TableCheckFlags) => {
      const { tableCheckCommand } = await import("./commands/table-check.ts");
      process.exitCode = await tableCheckCommand({ location, flags, signal });
    });
  table
    .command("compare")
    .description("Which rows two versions of a table, or two tables, have apart: counts and some of them.")
    .argument("<from>", "the table's folder")
    .argument("[table]", "another table that it is compared with (default: the same)")
    .option("--from-version <n>", "the first as it was at this version (default: the newest)")
    .option("--version <n>", "the second as it was at this version (default: the newest)")
    .option(
      "--key <columns>",
      "columns whose values name a row, such as id or 'id,day': a row of other values then has changed",
    )
    .option("--sample <n>", "rows at most that are shown", "20")
    .option("--allow-outside", "also read files outside of the tables' folders that the log names")
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall table compare ./table --from-version 3 --key id
  $ landfall table compare ./table ./copy`,
    )
    .action(async (from: string, location: string | undefined, flags: TableCompareFlags) => {
      const { tableCompareCommand } = await import("./commands/table-compare.ts");
      process.exitCode = await tableCompareCommand({ from, location, flags, signal });
    });
  table
    .command("optimize")
    .description(
      "Small files become large ones, and rows that are marked as deleted go; rows stay what they are. In several commits where there is much: stopped, it goes on with the next call.",
    )
    .argument("<table>", "the table's folder")
    .option("--where <condition>", "only files that may hold such rows, such as \"day >= '2026-03-01'\"")
    .option(
      "--z-order <columns>",
      "put rows with near values of these columns together, such as vehicle,at: conditions on them then open fewer files",
    )
    .option(
      "--target-size <size>",
      "what a file should have (default: the table's delta.targetFileSize, else 256m)",
    )
    .addOption(DRY_RUN)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall table optimize ./table --dry-run
  $ landfall table optimize ./table --where "day >= '2026-03-01'" --z-order vehicle`,
    )
    .action(async (location: string, flags: TableOptimizeFlags) => {
      const { tableOptimizeCommand } = await import("./commands/table-optimize.ts");
      process.exitCode = await tableOptimizeCommand({ location, flags, signal });
    });
  table
    .command("vacuum")
    .description("Takes away files that neither the newest version nor one within the retention needs.")
    .argument("<table>", "the table's folder")
    .option(
      "--retention <duration>",
      "files that were needed since then stay, such as '30 days' (default: the table's delta.deletedFileRetentionDuration, a week)",
    )
    .option(
      "--force",
      "also a retention below the table's: older versions are lost, and readers at work may fail",
    )
    .option("--lite", "only files that the log still names, without listing the folder")
    .addOption(DRY_RUN)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall table vacuum ./table --dry-run
  $ landfall table vacuum ./table --retention '30 days'`,
    )
    .action(async (location: string, flags: TableVacuumFlags) => {
      const { tableVacuumCommand } = await import("./commands/table-vacuum.ts");
      process.exitCode = await tableVacuumCommand({ location, flags, signal });
    });
  table
    .command("restore")
    .description("Makes the table what it was at another version, by a commit of its own.")
    .argument("<table>", "the table's folder")
    .addOption(VERSION)
    .addOption(TIMESTAMP)
    .option(
      "--ignore-missing",
      "go on without files of that version that are gone, and so without their rows",
    )
    .addOption(JSON_OUTPUT)
    .addHelpText("after", "\nExample:\n  $ landfall table restore ./table --version 12")
    .action(async (location: string, flags: TableRestoreFlags) => {
      const { tableRestoreCommand } = await import("./commands/table-restore.ts");
      process.exitCode = await tableRestoreCommand({ location, flags, signal });
    });
  table
    .command("checkpoint")
    .description("Writes a checkpoint of the newest version, from which the table is then read.")
    .argument("<table>", "the table's folder")
    .addOption(JSON_OUTPUT)
    .action(async (location: string, flags: { json?: true }) => {
      const { tableCheckpointCommand } = await import("./commands/table-checkpoint.ts");
      process.exitCode = await tableCheckpointCommand({ location, flags, signal });
    });
}
