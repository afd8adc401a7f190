/** Where a tidied file goes. Pure. */
import { encodePathBytes } from "../base/path-bytes.ts";
import type { ArchivePolicy } from "../declaration/declaration.ts";
import { DATE_PARTS } from "../declaration/value-faults.ts";
import type { TidyKind } from "../ledger/states.ts";
import type { Manifest } from "./manifest.ts";
import type { VacateRecord } from "./vacate-records.ts";

/** What becomes of files; neither: they stay. */
export interface TidyPolicy {
  readonly archive?: ArchivePolicy | undefined;
  /** `to` is absolute. */
  readonly quarantine?: { readonly to: string } | undefined;
}

/** What becomes of the files of one batch. */
export interface Placement {
  readonly action: VacateRecord["action"];
  /** Absolute, encoded bytes; undefined for `delete`. */
  readonly folder: string | undefined;
  /** Milliseconds since the epoch: not before. */
  readonly dueAt: number;
}

/**
 * Undefined: they stay. Date parts and time are those of the batch as its manifest says, so that every host and every rebuilt ledger
 * comes to the same folder.
 */
export function placementOf(
  policy: TidyPolicy,
  kind: TidyKind,
  manifest: Pick<Manifest, "stagedAt">,
): Placement | undefined {
  const at = Date.parse(manifest.stagedAt);
  if (kind === "quarantined") {
    const { quarantine } = policy;
    if (quarantine === undefined) return undefined;
    return { action: "quarantine", folder: encodePathBytes(quarantine.to), dueAt: at };
  }
  const { archive } = policy;
  if (archive === undefined) return undefined;
  const dueAt = at + archive.afterMs;
  if (archive.kind === "delete") return { action: "delete", folder: undefined, dueAt };
  return { action: "archive", folder: encodePathBytes(datedFolder(archive.to, manifest.stagedAt)), dueAt };
}

/** The folder with its date parts filled in, in UTC. */
export function datedFolder(to: string, instant: string): string {
  return to.replaceAll(/\{[^}]*\}/g, (part) => {
    const place = DATE_PARTS[part];
    return place === undefined ? part : instant.slice(...place);
  });
}

/**
 * The names that a file may have there, in the order in which they are tried: its own below the folder, and below a folder of its
 * generation, where another file has taken the first, now or in a run that has been forgotten.
 */
export function namesIn(
  folder: string,
  { key, generation }: { readonly key: string; readonly generation: string },
): readonly [plain: string, ofGeneration: string] {
  return [`${folder}/${key}`, `${folder}/${encodePathBytes(generation)}/${key}`];
}
