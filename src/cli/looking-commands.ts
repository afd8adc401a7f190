/** The commands that look and change nothing: status, files, verify, table. Each loads what it needs when it is called. */
import process from "node:process";
import { Option, type Command } from "commander";
import type { QueryFlags } from "./commands/query.ts";
import type { TableChangesFlags } from "./commands/table-changes.ts";
import type { TableQueryFlags } from "./commands/table-query.ts";
import type { VerifyFlags } from "./commands/verify.ts";
import { TIMESTAMP, VERSION, type VersionFlags } from "./version-flags.ts";

export const STATE = new Option("--state <dir>", "the ledger lies here instead of in the table's folder").env(
  "LANDFALL_STATE",
);
export const JSON_OUTPUT = new Option("--json", "print one JSON document on stdout");
export const NAME = new Option("--name <pipeline>", "only this pipeline, where several feed the table");
export const PLACE = ["<table|pipeline.yaml>", "the table's folder, or a pipeline's declaration"] as const;

interface LookFlags {
  readonly json?: true;
  readonly name?: string;
  readonly state?: string;
}

interface StatusFlags extends LookFlags {
  readonly health?: true;
  readonly maxLag?: string;
}

export function addStatus(landfall: Command): void {
  landfall
    .command("status")
    .summary("what is waiting, what went in, what did not")
    .description(
      "Shows every pipeline that feeds a table, or the declared one: its files by state, rows, last batches. Works during a run.",
    )
    .argument("[table|pipeline.yaml]", PLACE[1], ".")
    .option("--health", "only whether the pipelines that are to keep running do: exit code 1 if not")
    .option("--max-lag <duration>", "with --health: a file may wait so long to be read (default: 1h)")
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .action(async (place: string, flags: StatusFlags) => {
      const { statusCommand } = await import("./commands/status.ts");
      process.exitCode = await statusCommand({ place, flags });
    });
}

/** Answers the command, which gets more of them. */
export function addFiles(landfall: Command, signal: AbortSignal): Command {
  const files = landfall
    .command("files")
    .summary("what became of files; read them again")
    .description("What became of files, and reading them again.");
  files
    .command("list")
    .description("Lists the files that a table's pipelines have seen, or the declared one has.")
    .argument(...PLACE)
    .argument("[glob]", "only these, such as '*.json' (any folder) or '2026/**' (below the source); quote it")
    .option("--in <states>", "only files in these states, such as quarantined or skipped,discovered")
    .option("--limit <n>", "files at most", "100")
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall files list ./table --in quarantined
  $ landfall files list ./table '2026/03/**' --limit 1000`,
    )
    .action(
      async (place: string, glob: string | undefined, flags: LookFlags & { in?: string; limit: string }) => {
        const { filesListCommand } = await import("./commands/files-list.ts");
        process.exitCode = await filesListCommand({ place, glob, flags, signal });
      },
    );
  files
    .command("show")
    .description("Tells what happened to one file, from its discovery on; or why it is not looked at.")
    .argument(...PLACE)
    .argument(
      "<file>",
      "its path, the end of it, or a quoted glob: broken.json, 2026/03/broken.json, ./arrivals/broken.json, '2026/**/broken*'",
    )
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .action(async (place: string, file: string, flags: LookFlags) => {
      const { filesShowCommand } = await import("./commands/files-show.ts");
      process.exitCode = await filesShowCommand({ place, file, flags });
    });
  addFilesRejected(files, signal);
  return files;
}

function addFilesRejected(files: Command, signal: AbortSignal): void {
  files
    .command("rejected")
    .description("Lists the records that were rejected: file, number, byte, reason and what they hold.")
    .argument(...PLACE)
    .argument("[glob]", "only of these files, such as '*.json' (any folder) or '2026/**'; quote it")
    .option("--limit <n>", "records at most", "100")
    .addOption(NAME)
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall files rejected ./table
  $ landfall files rejected ./table v07.ndjson --json | jq -r '.records[].content'`,
    )
    .action(async (place: string, glob: string | undefined, flags: LookFlags & { limit: string }) => {
      const { filesRejectedCommand } = await import("./commands/files-rejected.ts");
      process.exitCode = await filesRejectedCommand({ place, glob, flags, signal });
    });
}

export function addQuery(landfall: Command, signal: AbortSignal): void {
  landfall
    .command("query")
    .summary("SQL over what became of files: files, batches, rejects")
    .description(
      "Answers a SELECT over the tables files, batches and rejects: what the pipelines that feed a table know of each file, each batch, each rejected record. Without SQL it lists their columns. Nothing is changed, and it works during a run.",
    )
    .argument(...PLACE)
    .argument("[sql]", "one SELECT, in DuckDB's SQL")
    .option("--limit <n>", "rows at most", "1000")
    .option("--csv", "print CSV with a header")
    .addOption(NAME)
    .addOption(STATE)
    .addOption(new Option(JSON_OUTPUT.flags, JSON_OUTPUT.description).conflicts("csv"))
    .addHelpText(
      "after",
      `
Examples:
  $ landfall query ./table
  $ landfall query ./table "SELECT state, count(*) FROM files GROUP BY state"
  $ landfall query ./table "SELECT reason, count(*) FROM rejects GROUP BY reason" --csv

All columns: docs/reference/query.md`,
    )
    .action(async (place: string, sql: string | undefined, flags: QueryFlags) => {
      const { queryCommand } = await import("./commands/query.ts");
      process.exitCode = await queryCommand({ place, sql, flags, signal });
    });
}

export function addVerify(landfall: Command, signal: AbortSignal): void {
  landfall
    .command("verify")
    .summary("proves that no file is lost or doubled; exit code 1, with a list, if one is")
    .description(
      "Checks that the Delta log, the manifests, the ledger and the data files agree on every file and every row of a table, whichever pipeline it came by.",
    )
    .argument("<table|pipeline.yaml>", "the table's folder, or the declaration of a pipeline that feeds it")
    .option("--data", "read the data files too: count their rows and recompute their statistics")
    .option("--source", "read the inputs again that are still there: compare their bytes, records and values")
    .addOption(STATE)
    .addOption(JSON_OUTPUT)
    .addHelpText("after", "\nWhich fault is found by what: docs/reference/verify.md")
    .action(async (place: string, flags: VerifyFlags) => {
      const { verifyCommand } = await import("./commands/verify.ts");
      process.exitCode = await verifyCommand({ place, flags, signal });
    });
}

/** Answers the command, which gets more of them. */
export function addTable(landfall: Command, signal: AbortSignal): Command {
  const table = landfall
    .command("table")
    .summary("look at any Delta table; keep it in shape")
    .description("Look at any Delta table, and keep it in shape.");
  table
    .command("show")
    .description("Version, rows, files, protocol, properties.")
    .argument("<table>", "the table's folder")
    .addOption(VERSION)
    .addOption(TIMESTAMP)
    .addOption(JSON_OUTPUT)
    .action(async (location: string, flags: VersionFlags & { json?: true }) => {
      const { tableShowCommand } = await import("./commands/table-show.ts");
      process.exitCode = await tableShowCommand({ location, flags, signal });
    });
  table
    .command("history")
    .description("Its versions, newest first.")
    .argument("<table>", "the table's folder")
    .option("--limit <n>", "versions at most", "20")
    .addOption(JSON_OUTPUT)
    .action(async (location: string, flags: { json?: true; limit: string }) => {
      const { tableHistoryCommand } = await import("./commands/table-history.ts");
      process.exitCode = await tableHistoryCommand({ location, flags, signal });
    });
  table
    .command("schema")
    .description("Its columns as Spark DDL.")
    .argument("<table>", "the table's folder")
    .option("--history", "which file brought which column, and when")
    .addOption(VERSION)
    .addOption(TIMESTAMP)
    .addOption(JSON_OUTPUT)
    .action(async (location: string, flags: VersionFlags & { json?: true; history?: true }) => {
      const { tableSchemaCommand } = await import("./commands/table-schema.ts");
      process.exitCode = await tableSchemaCommand({ location, flags, signal });
    });
  table
    .command("query")
    .description("Answers a SELECT; the table's name in it is t.")
    .argument("<table>", "the table's folder")
    .argument("<sql>", "one SELECT")
    .addOption(VERSION)
    .addOption(TIMESTAMP)
    .option("--limit <n>", "rows at most", "1000")
    .option("--allow-outside", "also read files outside of the table's folder that the log names")
    .addOption(JSON_OUTPUT)
    .action(async (location: string, sql: string, flags: TableQueryFlags) => {
      const { tableQueryCommand } = await import("./commands/table-query.ts");
      process.exitCode = await tableQueryCommand({ location, sql, flags, signal });
    });
  table
    .command("changes")
    .description(
      "What versions did to its rows: the change data feed, version after version, with _change_type, _commit_version and _commit_timestamp.",
    )
    .argument("<table>", "the table's folder")
    .requiredOption(
      "--from <version|time>",
      "the first version; or a time, for the first version that is not older (UTC where it names no offset)",
    )
    .option(
      "--to <version|time>",
      "the last version; or a time, for the last version that is not younger (default: the newest)",
    )
    .option("--where <condition>", 'only rows for which this is true, such as "id = 5"')
    .option("--without-feed", "tell versions at which the feed was off by the files they added and removed")
    .option("--limit <n>", "rows at most", "1000")
    .option("--allow-outside", "also read files outside of the table's folder that the log names")
    .addOption(JSON_OUTPUT)
    .addHelpText(
      "after",
      `
Examples:
  $ landfall table changes ./table --from 12
  $ landfall table changes ./table --from 2026-03-01 --to 2026-03-02 --where "_change_type = 'delete'" --json`,
    )
    .action(async (location: string, flags: TableChangesFlags) => {
      const { tableChangesCommand } = await import("./commands/table-changes.ts");
      process.exitCode = await tableChangesCommand({ location, flags, signal });
    });
  return table;
}
