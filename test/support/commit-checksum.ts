/** What is wrong with the `.crc` file of a commit of ours (PROTOCOL.md, "Version Checksum File"): a second writing of it, apart from the program's. Pure. */
import { isDeepStrictEqual } from "node:util";
import { isJsonObject, parseJson } from "../../src/base/lossless-json.ts";
import type { AddFile, DomainMetadata, Metadata, Protocol, SetTransaction } from "../../src/delta/actions.ts";

/** The table as the commit made it. */
export interface TableAtVersion {
  readonly protocol: Protocol | undefined;
  readonly metadata: Metadata | undefined;
  readonly live: ReadonlyMap<string, AddFile>;
  readonly txns: ReadonlyMap<string, SetTransaction>;
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  readonly inCommitTimestamp: bigint | undefined;
  readonly txnId: string | undefined;
}

const REQUIRED = ["tableSizeBytes", "numFiles", "numMetadata", "numProtocol", "metadata", "protocol"];

export function checksumFileFaults(text: string, table: TableAtVersion): string[] {
  const stated = parseJson(text);
  if (!isJsonObject(stated) || !text.endsWith("}\n")) return ["the .crc file is not one object on a line"];
  const expected = expectedOf(table);
  const faults = Object.entries(stated).flatMap(([field, value]) => {
    if (!expected.has(field)) return [`the .crc file has ${field}`];
    return isDeepStrictEqual(plain(value), plain(expected.get(field)))
      ? []
      : [`the .crc file says another ${field}: ${JSON.stringify(plain(value))}`];
  });
  for (const [field, value] of expected)
    if (stated[field] === undefined && (REQUIRED.includes(field) || (field === "txnId" && value)))
      faults.push(`the .crc file has no ${field}`);
  if ((stated["inCommitTimestampOpt"] === undefined) !== (table.inCommitTimestamp === undefined))
    faults.push("the .crc file has an in-commit timestamp exactly where the table has none");
  return faults;
}

function expectedOf(table: TableAtVersion): Map<string, unknown> {
  const { protocol, metadata, live, txns, domains, inCommitTimestamp, txnId } = table;
  const files = [...live.values()];
  const vectors = files.flatMap(({ deletionVector }) => deletionVector ?? []);
  const sum = (values: readonly (number | bigint)[]): bigint =>
    values.reduce((total: bigint, value) => total + BigInt(value), 0n);
  const expected = new Map<string, unknown>([
    ["tableSizeBytes", sum(files.map(({ size }) => size))],
    ["numFiles", files.length],
    ["numMetadata", 1],
    ["numProtocol", 1],
    ["metadata", metadata],
    ["protocol", protocol],
    ["txnId", txnId],
    ["setTransactions", [...txns.values()]],
    ["domainMetadata", [...domains.values()]],
  ]);
  if (protocol?.writerFeatures?.includes("deletionVectors") === true) {
    expected.set("numDeletionVectorsOpt", vectors.length);
    expected.set("numDeletedRecordsOpt", sum(vectors.map(({ cardinality }) => cardinality)));
  }
  if (inCommitTimestamp !== undefined) expected.set("inCommitTimestampOpt", inCommitTimestamp);
  return expected;
}

/** Numbers are one whatever JavaScript holds them in; lists of transactions and domains have no order. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map(plain);
    const nameOf = (item: unknown): string => {
      const { appId, domain } = item as { readonly appId?: string; readonly domain?: string };
      return appId ?? domain ?? "";
    };
    return items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, plain(inner)]),
  );
}
