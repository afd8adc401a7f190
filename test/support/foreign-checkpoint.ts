/** Checkpoints of the kinds that Landfall reads and does not write itself, for tests. */
import { writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { nullableField, type DataType, type StructType } from "../../src/schema/data-type.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { checkpointColumns } from "../../src/delta/checkpoint-schema.ts";
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { formatLogFileName, LOG_FOLDER, type LogFile } from "../../src/delta/log-files.ts";
import { jsonText } from "../../src/delta/raw-json.ts";
import { SIDECAR_FOLDER } from "../../src/delta/sidecar-key.ts";
import type { Snapshot } from "../../src/delta/snapshot.ts";

export type CheckpointKind =
  | { readonly kind: "classic"; readonly sidecars?: number }
  | { readonly kind: "multiPart"; readonly parts: number }
  | { readonly kind: "uuid"; readonly format: "json" | "parquet"; readonly sidecars?: number };

/** The keys that were written, sidecars last. */
export async function putForeignCheckpoint(options: {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  readonly snapshot: Snapshot;
  readonly as: CheckpointKind;
}): Promise<string[]> {
  const { storage, parquet, snapshot, as } = options;
  const { version } = snapshot;
  const state = stateRows(snapshot);
  const files = fileRows(snapshot);
  const columns = columnsOf(snapshot);
  const put = async (key: string, rows: readonly object[]): Promise<string> => {
    const text = rows.map((row) => `${jsonText(row)}\n`).join("");
    if (key.endsWith(".json")) {
      await storage.put(key, text);
      return key;
    }
    const scratch = `${parquet.scratchFolder}/foreign-${randomUUID()}`;
    await writeFile(`${scratch}.json`, text);
    await parquet.port.fromJsonLines({
      jsonPath: `${scratch}.json`,
      parquetPath: `${scratch}.parquet`,
      columns,
    });
    await storage.putFile(key, `${scratch}.parquet`);
    return key;
  };
  if (as.kind === "multiPart") {
    const parts = shared([...state, ...files], as.parts);
    return Promise.all(
      parts.map((rows, index) =>
        put(keyOf({ kind: "multiPartCheckpoint", version, part: index + 1, parts: as.parts }), rows),
      ),
    );
  }
  const file: LogFile =
    as.kind === "classic"
      ? { kind: "checkpoint", version }
      : { kind: "uuidCheckpoint", version, uuid: randomUUID(), format: as.format };
  const isV2 = as.kind === "uuid" || as.sidecars !== undefined;
  const top = [...(isV2 ? [{ checkpointMetadata: { version } }] : []), ...state];
  if (as.sidecars === undefined) return [await put(keyOf(file), [...top, ...files])];
  const names = Array.from({ length: as.sidecars }, () => `${randomUUID()} ü.parquet`);
  const pieces = shared(files, as.sidecars);
  const sidecars = await Promise.all(
    pieces.map((rows, index) =>
      put(SIDECAR_FOLDER + names[index]!.replace("ü", "%C3%BC").replace(" ", "%20"), rows),
    ),
  );
  const rows = names.map((name) => ({
    sidecar: { path: encodeURIComponent(name), sizeInBytes: 1, modificationTime: 1 },
  }));
  return [await put(keyOf(file), [...top, ...rows]), ...sidecars];
}

function keyOf(file: LogFile): string {
  return LOG_FOLDER + formatLogFileName(file);
}

function stateRows(snapshot: Snapshot): object[] {
  return [
    { protocol: snapshot.protocol },
    { metaData: snapshot.metadata },
    ...Array.from(snapshot.txns.values(), (txn) => ({ txn })),
    ...Array.from(snapshot.domainMetadata.values(), (domainMetadata) => ({ domainMetadata })),
  ];
}

function fileRows(snapshot: Snapshot): object[] {
  return [
    ...Array.from(snapshot.adds.values(), (add) => ({ add: { ...add, dataChange: false } })),
    ...Array.from(snapshot.removes.values(), (remove) => ({ remove: { ...remove, dataChange: false } })),
  ];
}

function shared<T>(rows: readonly T[], parts: number): T[][] {
  return Array.from({ length: parts }, (_, part) => rows.filter((_row, index) => index % parts === part));
}

function columnsOf(snapshot: Snapshot): StructType {
  const struct = (types: Record<string, DataType>): StructType => ({
    type: "struct",
    fields: Object.entries(types).map(([name, type]) => nullableField(name, type)),
  });
  const { fields } = struct({
    checkpointMetadata: struct({ version: "long" }),
    sidecar: struct({ path: "string", sizeInBytes: "long", modificationTime: "long" }),
  });
  return { type: "struct", fields: [...checkpointColumns(snapshot.protocol).fields, ...fields] };
}
