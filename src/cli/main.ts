/** The command line: argv in, exit code out. Commands load what they need when they are called. */
import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import type { DeclarationOption } from "../declaration/options.ts";
import { landfallVersion } from "../base/version.ts";
import { armFaults } from "./arm-faults.ts";
import type { ProveFlags } from "./commands/prove.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";
import { engineAhead, type EngineAhead } from "./engine-ahead.ts";
import {
  addFiles,
  addQuery,
  addStatus,
  addTable,
  addVerify,
  JSON_OUTPUT,
  STATE,
} from "./looking-commands.ts";
import { addMaintenance } from "./maintenance-commands.ts";
import { addMending } from "./mending-commands.ts";
import { COMMAND_EXIT_CODES } from "./command-exit-codes.ts";
import { LOG_FORMAT_VARIABLE, LOG_FORMATS, logFormatOf } from "./log-format.ts";
import { runOutput, type RunOutput } from "./run-output.ts";
import { addCheck, addCompletion, addInit } from "./starting-commands.ts";
import { stopSignal } from "./stop-signal.ts";

/** Runs one command. Sets `process.exitCode`; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  const format = logFormatOf(argv, process.env);
  const output = runOutput(format);
  const stop = stopSignal((text) => output.notice(format === "json" ? text : `\n${text}`));
  const ahead = await engineAhead(argv, format === "json" ? "pipe" : "inherit");
  // Who reads our output may have read enough (`landfall … | head`).
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
  try {
    armFaults({
      faults: process.env["LANDFALL_FAULT"],
      trace: process.env["LANDFALL_FAULT_TRACE"],
      foldAfter: process.env["LANDFALL_FOLD_AFTER"],
    });
    const landfall = program({ signal: stop.signal, options: await declarationFlags(argv), ahead, output });
    landfall.hook("postAction", (_landfall, action) => {
      // The document on stdout says what; whoever looks at a log sees why the program did not end with 0.
      const why = process.exitCode === 1 && argv.includes("--json") ? needsPersonText(action) : undefined;
      if (why !== undefined) output.notice(why);
    });
    await landfall.parseAsync([...argv]).catch(async (error: unknown) => {
      if (!(error instanceof CommanderError) || PRINTED.has(error.code)) throw error;
      const { usageError } = await import("./usage-error.ts");
      throw usageError(error, commandOf(landfall, argv));
    });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = stop.exitCode() ?? output.error(error, { json: argv.includes("--json") });
  } finally {
    ahead.dispose();
    stop.dispose();
  }
}

/** What the argument parser throws when it has printed what was asked for, or the help that is shown without arguments. */
const PRINTED = new Set(["commander.help", "commander.helpDisplayed", "commander.version"]);

/** The command that the arguments name, with its flags. */
function commandOf(landfall: Command, argv: readonly string[]): { command: string; flags: string[] } {
  let command = landfall;
  const names = ["landfall"];
  for (const word of argv.slice(2)) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) continue;
    command = next;
    names.push(word);
  }
  const flags = command.options.flatMap(({ long }) => (typeof long === "string" ? [long] : []));
  return { command: names.join(" "), flags };
}

/** What exit code 1 says of a command. */
function needsPersonText(action: Command): string | undefined {
  const names: string[] = [];
  for (let one: Command | null = action; one?.parent; one = one.parent) names.unshift(one.name());
  const why = COMMAND_EXIT_CODES[names.join(" ")]?.needsPerson;
  return why === undefined ? undefined : `exit code 1: ${why}`;
}

/** Commands whose flags are the options of the declaration, and the one that lists all flags. */
const DECLARING = new Set(["ingest", "run", "completion"]);

/** Loading the declaration's shapes costs more than all else at start, so only those commands pay for it. */
async function declarationFlags(argv: readonly string[]): Promise<readonly DeclarationOption[]> {
  if (!argv.slice(2).some((argument) => DECLARING.has(argument))) return [];
  return (await import("../declaration/options.ts")).declarationOptions();
}

export interface ProgramParts {
  readonly signal: AbortSignal;
  /** Those of the declaration, which commands have as flags. */
  readonly options: readonly DeclarationOption[];
  readonly ahead: EngineAhead;
  readonly output: RunOutput;
}

/** The tree of commands. */
export function program(parts: ProgramParts): Command {
  const { signal } = parts;
  const landfall = new Command("landfall")
    .description("Files land; Delta tables update; exactly once, and you can prove it.")
    .version(landfallVersion(), "-V, --version")
    // Behind a command `--version` is a table's.
    .enablePositionalOptions()
    .exitOverride()
    // They are reported as every error is.
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      "after",
      `
Examples:
  $ landfall ingest ./arrivals ./table          every file in a folder becomes rows of a Delta table
  $ landfall ingest ./arrivals ./table          again: takes only what is new
  $ landfall status ./table                     what is waiting, what went in, what did not
  $ landfall files show ./table broken.json     what happened to one file
  $ landfall table query ./table "SELECT count(*) FROM t"`,
    );
  addIngest(landfall, parts);
  addRun(landfall, parts);
  addInit(landfall, signal);
  addCheck(landfall, signal);
  addStatus(landfall);
  addMending(addFiles(landfall, signal), signal);
  addQuery(landfall, signal);
  addVerify(landfall, signal);
  addMaintenance(addTable(landfall, signal), signal);
  addProve(landfall, signal);
  addSchema(landfall);
  addCompletion(landfall);
  return landfall;
}

function addIngest(landfall: Command, { signal, options, ahead, output }: ProgramParts): void {
  const command = landfall
    .command("ingest")
    .summary("files of a folder into a Delta table, once")
    .description(
      "Reads what is new in a folder (or the named files, or a quoted glob) into a Delta table, exactly once.",
    )
    .argument("<source...>", "a folder, files, or a quoted glob; the last argument is the table")
    .usage("[options] <source...> <table>")
    .addHelpText(
      "after",
      `
Examples:
  $ landfall ingest ./arrivals ./table
  $ landfall ingest './arrivals/**/*.json.gz' ./table --partition-by day
  $ landfall ingest ./arrivals ./table --format csv --hints "id BIGINT, at TIMESTAMP"`,
    )
    .addOption(DRY_RUN)
    .addOption(STATE)
    .addOption(METRICS)
    .addOption(LOG_FORMAT)
    .addOption(JSON_OUTPUT);
  addRefreshFlags(command);
  addDeclarationFlags(command, options);
  command.action(async (places: string[], flags: DeclarationFlags) => {
    const { ingestCommand } = await import("./commands/ingest.ts");
    process.exitCode = await ingestCommand({ places, flags, signal, env: process.env, ahead, output });
  });
}

const DRY_RUN = new Option("--dry-run", "tell what would be done, as check does, and do nothing");

/** Of commands that run pipelines. */
function addRefreshFlags(command: Command): void {
  command
    .option(
      "--full-refresh",
      "start over: take the pipeline's rows out of the table, then read the source anew",
    )
    .addOption(
      new Option(
        "--refresh-rows <which>",
        "with --full-refresh, which rows go: own, the pipeline's (the default); unchanged, its own in files that nobody rewrote; all, those of others too",
      ).choices(["own", "unchanged", "all"]),
    )
    .option(
      "--allow-lost-rows",
      "with --full-refresh: also rows of files that are not in the source any more",
    )
    .option("--yes", "with --full-refresh: do not ask");
}

const LOG_FORMAT = new Option(
  "--log-format <format>",
  "how events are written to stderr: as text, or as one JSON object per line",
)
  .choices(LOG_FORMATS)
  .env(LOG_FORMAT_VARIABLE);

const METRICS = new Option(
  "--metrics <[host:]port>",
  "serve Prometheus metrics and health there while it runs; without a host to this machine only",
).env("LANDFALL_METRICS");

/** The trigger by flags that have names of their own. */
export const TRIGGER_FLAGS = [
  ["--watch", "keep running and read files as they arrive (trigger: continuous)"],
  ["--every <duration>", "keep running and look for files again and again, such as every 30s"],
  ["--once", "read what is there and end, whatever the declaration says (trigger: availableNow)"],
] as const;

/** Every option of the declaration that has a flag; the declaration says which, and checks the values. */
function addDeclarationFlags(command: Command, options: readonly DeclarationOption[]): void {
  for (const { flag, kind, description, default: preset, values } of options) {
    if (flag === undefined) continue;
    if (kind === "trigger") {
      for (const [written, meaning] of TRIGGER_FLAGS) command.addOption(new Option(written, meaning));
    }
    const value = kind === "boolean" ? "[boolean]" : `<${kind}>`;
    const shown = preset === undefined || typeof preset === "object" ? "" : ` (default: ${String(preset)})`;
    const option = new Option(`${flag} ${value}`, `${description}${shown}`);
    // For help and completion: the declaration checks them.
    if (kind === "choice") option.argChoices = [...values];
    command.addOption(option);
  }
}

function addRun(landfall: Command, { signal, options, output }: ProgramParts): void {
  const command = landfall
    .command("run")
    .summary("declared pipelines")
    .description(
      "Runs the pipelines that declarations describe; flags take precedence over the files. Those whose trigger is availableNow run once, one after the other; the others keep running side by side, one batch at a time, and a changed declaration is read again between two rounds.",
    )
    .argument("<pipeline.yaml...>", "the declarations")
    .addOption(DRY_RUN)
    .addOption(STATE)
    .addOption(METRICS)
    .addOption(LOG_FORMAT)
    .addOption(JSON_OUTPUT);
  addRefreshFlags(command);
  addDeclarationFlags(command, options);
  command.action(async (files: string[], flags: DeclarationFlags) => {
    const { runCommand } = await import("./commands/run.ts");
    process.exitCode = await runCommand({ files, flags, signal, env: process.env, output });
  });
}

function addProve(landfall: Command, signal: AbortSignal): void {
  landfall
    .command("prove")
    .summary("kills Landfall on purpose and counts rows")
    .description(
      "Kills the program at every named point of its flow and at random times, on scratch data in a temporary folder, lets it heal, and counts every row and every file. With a declaration: its schema, table options and limits, on scratch data made to fit; its own source and table are not touched. Exit code 1 when anything is lost, doubled or left over, or a point was never hit.",
    )
    .argument("[pipeline.yaml]", "a declaration to make the scratch pipeline from")
    .option("--kills <n>", "kills at random times", "30")
    .option("--seed <n>", "repeat the scratch data and the random choices of an earlier run")
    .option(
      "--per-point <n>",
      "kills at each named point at most, drawn of its phases and of what can be killed (default: all)",
    )
    .option("--only <step>", "only points whose names begin with this, and no random kills")
    .option(
      "--keep <folder>",
      "keep what each kill left in this new or empty folder: table, state, every input, and case.json",
    )
    .addOption(JSON_OUTPUT)
    .action(async (file: string | undefined, flags: ProveFlags) => {
      const { proveCommand } = await import("./commands/prove.ts");
      process.exitCode = await proveCommand({ file, flags, signal, env: process.env });
    });
}

function addSchema(landfall: Command): void {
  landfall
    .command("schema")
    .description("prints the JSON Schema of declarations, for editors")
    .action(async () => {
      const { declarationJsonSchema } = await import("../declaration/options.ts");
      process.stdout.write(`${JSON.stringify(declarationJsonSchema(), undefined, 2)}\n`);
    });
}
