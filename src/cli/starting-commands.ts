/** The commands with which a pipeline begins. Each loads what it needs when it is called. */
import process from "node:process";
import type { Command } from "commander";
import { JSON_OUTPUT } from "./looking-commands.ts";

export function addInit(landfall: Command, signal: AbortSignal): void {
  landfall
    .command("init")
    .summary("looks at sample files and writes a declaration")
    .description(
      "Looks at the files of a source and writes a commented declaration that runs as it is: format, columns, what may be worth stating. Overwrites nothing.",
    )
    .argument("[source]", "a folder, a file, or a quoted glob; left out: a declaration to fill in")
    .option("--out <pipeline.yaml>", "where the declaration goes", "pipeline.yaml")
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall init ./arrivals
  $ landfall init './arrivals/*.csv' --out csv.yaml`,
    )
    .action(async (source: string | undefined, flags: { json?: true; out: string }) => {
      const { initCommand } = await import("./commands/init.ts");
      process.exitCode = await initCommand({ source, flags, signal });
    });
}
