/** The commands that keep any Delta table in shape: check, and those that write. Each loads what it needs when it is called. */
import process from "node:process";
import type { Command } from "commander";
import type { TableCheckFlags } from "./commands/table-check.ts";
import { JSON_OUTPUT } from "./looking-commands.ts";
import { TIMESTAMP, VERSION } from "./version-flags.ts";

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
}
