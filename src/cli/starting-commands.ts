/** The commands with which a pipeline begins. Each loads what it needs when it is called. */
import process from "node:process";
import { Argument, type Command } from "commander";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import { JSON_OUTPUT, STATE } from "./looking-commands.ts";

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

export function addCheck(landfall: Command, signal: AbortSignal): void {
  landfall
    .command("check")
    .summary("what a run would do, and what would stop it")
    .description(
      "Validates declarations, tries out every place that they name, and tells which files a run would take, what it would change in the table, and how long that would take. Leaves nothing behind, and works beside a run.",
    )
    .argument("<pipeline.yaml...>", "the declarations")
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .action(async (files: string[], flags: DeclarationFlags) => {
      const { checkCommand } = await import("./commands/check.ts");
      process.exitCode = await checkCommand({ files, flags, signal, env: process.env });
    });
}

/** `program`: with all its commands and flags, as they are when the script is asked for. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .summary("a script that completes commands, flags and values")
    .description("Prints a script that has the shell complete commands, flags, their values and files.")
    .addArgument(new Argument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
Examples:
  $ source <(landfall completion bash)          now; in ~/.bashrc: always
  $ landfall completion fish | source`,
    )
    .action(async (shell: string) => {
      const { completionCommand } = await import("./commands/completion.ts");
      process.exitCode = completionCommand({ program, shell });
    });
}
