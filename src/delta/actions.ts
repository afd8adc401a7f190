/**
 * Delta's actions (PROTOCOL.md, "Actions"), tagged as the JSON of a commit is: `{ add: … }`, `{ txn: … }`. Fields that we do
 * not know stay in the objects, so that what is written again loses nothing.
 */
import type { JsonValue } from "../base/lossless-json.ts";

/** A 64-bit integer: a `number` where that is exact, else a `bigint`. Compares with `<` and `>`; use `sameLong` for equality. */
export type Long = number | bigint;

export function sameLong(left: Long, right: Long): boolean {
  return BigInt(left) === BigInt(right);
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  /** Present exactly when minReaderVersion is 3. */
  readonly readerFeatures?: readonly string[];
  /** Present exactly when minWriterVersion is 7. */
  readonly writerFeatures?: readonly string[];
}

export interface Metadata {
  /** A GUID that stays for the table's life. */
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  /** The schema as JSON text; see `parseSchemaString`. */
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdTime?: Long;
}

export interface DeletionVectorDescriptor {
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  readonly offset?: number;
  readonly sizeInBytes: number;
  readonly cardinality: Long;
}

export type PartitionValues = Readonly<Record<string, string | null>>;

export interface AddFile {
  /** URI-encoded, relative to the table's root or absolute; never decoded and encoded again. */
  readonly path: string;
  readonly partitionValues: PartitionValues;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: Long;
  readonly dataChange: boolean;
  /** JSON text. */
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string | null>>;
  readonly deletionVector?: DeletionVectorDescriptor;
  readonly baseRowId?: Long;
  readonly defaultRowCommitVersion?: Long;
  readonly clusteringProvider?: string;
}

export interface RemoveFile {
  /** Byte for byte the path of the add that it takes back. */
  readonly path: string;
  readonly dataChange: boolean;
  /** Milliseconds since the epoch; absent means long ago. */
  readonly deletionTimestamp?: Long;
  readonly extendedFileMetadata?: boolean;
  readonly partitionValues?: PartitionValues;
  readonly size?: number;
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string | null>>;
  readonly deletionVector?: DeletionVectorDescriptor;
  readonly baseRowId?: Long;
  readonly defaultRowCommitVersion?: Long;
}

export interface AddCdcFile {
  readonly path: string;
  readonly partitionValues: PartitionValues;
  readonly size: number;
  readonly dataChange: false;
}

export interface SetTransaction {
  readonly appId: string;
  readonly version: Long;
  /** Milliseconds since the epoch. */
  readonly lastUpdated?: Long;
}

export interface DomainMetadata {
  readonly domain: string;
  readonly configuration: string;
  readonly removed: boolean;
}

/** Free JSON; these are the fields that we set or read. */
export interface CommitInfo {
  readonly timestamp?: Long;
  readonly operation?: string;
  readonly txnId?: string;
  readonly isBlindAppend?: boolean;
  readonly [field: string]: JsonValue | undefined;
}

export type Action =
  | { readonly protocol: Protocol }
  | { readonly metaData: Metadata }
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly cdc: AddCdcFile }
  | { readonly txn: SetTransaction }
  | { readonly domainMetadata: DomainMetadata }
  | { readonly commitInfo: CommitInfo };

/** The commit's own description of itself, if it has one. */
export function findCommitInfo(actions: readonly Action[]): CommitInfo | undefined {
  for (const action of actions) if ("commitInfo" in action) return action.commitInfo;
  return undefined;
}
