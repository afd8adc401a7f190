import { styleText } from "node:util";
import { formatBytes, formatCount } from "../../base/units.ts";
import { tableFacts, type TableFacts } from "../../operate/table-facts.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printable } from "../../base/printable.ts";
import { noticePrinter } from "../print-notice.ts";
import { factLines, printDocument, printLines } from "../print-result.ts";
import { agoText, utcText } from "../time-text.ts";
import { askedVersion, type VersionFlags } from "../version-flags.ts";

/** `landfall table show <table>` */
export async function tableShowCommand(options: {
  readonly location: string;
  readonly flags: VersionFlags & { readonly json?: true };
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  const facts = await withTableView({ location }, async (view) =>
    tableFacts(view, {
      ...(await askedVersion(flags, { ...view, signal })),
      signal,
      onNotice: noticePrinter(),
    }),
  );
  if (flags.json === true) printDocument(facts);
  else printLines(factsLines(facts, Date.now()));
  return 0;
}

function factsLines(facts: TableFacts, now: number): string[] {
  const { minReaderVersion, minWriterVersion } = facts.protocol;
  const list = (words: readonly string[]): string | undefined =>
    words.length === 0 ? undefined : words.join(", ");
  const properties = Object.entries(facts.properties).map(([key, value]) => `${key} = ${value}`);
  const at = facts.at === undefined ? "" : `, ${utcText(facts.at)} UTC (${agoText(facts.at, now)})`;
  const oldest = facts.oldestCommit ?? 0;
  return [
    styleText("bold", printable(facts.table)),
    ...factLines([
      ["name", facts.name],
      ["description", facts.description],
      ["version", `${facts.version}${at}`],
      [
        "rows",
        facts.rows === undefined ? "not known: some files have no statistics" : formatCount(facts.rows),
      ],
      ["files", `${formatCount(facts.files)}, ${formatBytes(facts.bytes)}`],
      ["deletion vectors", facts.deletionVectors === 0 ? undefined : formatCount(facts.deletionVectors)],
      ["columns", `${facts.columns}   (landfall table schema shows them)`],
      ["partitioned by", list(facts.partitionColumns)],
      ["protocol", `reader ${minReaderVersion}, writer ${minWriterVersion}`],
      ["features", list([...new Set([...facts.readerFeatures, ...facts.writerFeatures])])],
      ["properties", list(properties)],
      ["checkpoint", facts.checkpoint === undefined ? "none yet" : `version ${facts.checkpoint}`],
      ["history", oldest === 0 ? "complete" : `commits before version ${oldest} have been cleaned up`],
      ["id", facts.id],
      ...facts.pipelines.map(
        ({ pipeline, source }, i) => [i === 0 ? "fed by" : "", `${pipeline}  from ${source}`] as const,
      ),
    ]),
  ];
}
