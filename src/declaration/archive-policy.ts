/** What becomes of committed files, said in our words (`archive`) or in Auto Loader's (`source.cleanSource`). Pure. */
import { absoluteLocation } from "./absolute-location.ts";
import type { ArchivePolicy, CheckedDeclaration } from "./declaration.ts";
import type { Mistake } from "./mistakes.ts";

const DAY_MS = 86_400_000;
/** Auto Loader's default, and ours where files are deleted. */
const RETENTION_MS = 30 * DAY_MS;
/** Auto Loader deletes nothing that is younger. */
const SHORTEST_CLEAN_DELETE_MS = 7 * DAY_MS;

/** Of a declaration without contradictions; undefined: files stay. */
export function archivePolicyOf(declared: CheckedDeclaration, baseFolder: string): ArchivePolicy | undefined {
  const { archive, source } = declared;
  const retention = source["cleanSource.retentionDuration"] ?? RETENTION_MS;
  const moveTo = source.cleanSource === "MOVE" ? source["cleanSource.moveDestination"] : archive.to;
  if (moveTo !== undefined) {
    const afterMs = source.cleanSource === "MOVE" ? retention : (archive.after ?? 0);
    return { kind: "move", to: folderIn(baseFolder, moveTo), afterMs };
  }
  if (source.cleanSource === "DELETE") return { kind: "delete", afterMs: retention };
  return archive.delete === true ? { kind: "delete", afterMs: archive.after ?? RETENTION_MS } : undefined;
}

/** A slash at the end says nothing here, and stays behind what looks like a glob. */
function folderIn(baseFolder: string, location: string): string {
  return absoluteLocation({ baseFolder, location: location.replace(/(?<=.)\/+$/, "") });
}

/** The part of an archive's folder that has no date parts: everything that is moved lies below it. */
export function literalFolderOf(to: string): string {
  const parts = to.split("/");
  const dated = parts.findIndex((part) => part.includes("{"));
  return dated < 0 ? to : parts.slice(0, dated).join("/") || "/";
}

/** Of the sections that are there. */
export function archiveContradictions(declared: Partial<CheckedDeclaration>): Mistake[] {
  const { archive, source } = declared;
  const mistakes: Mistake[] = [];
  const isArchived = archive !== undefined && Object.values(archive).some((value) => value !== undefined);
  if (archive?.to !== undefined && archive.delete === true)
    mistakes.push(
      mistake(["archive", "delete"], "archive.delete: true and archive.to contradict each other", ONE),
    );
  if (archive?.after !== undefined && archive.to === undefined && archive.delete !== true)
    mistakes.push(
      mistake(["archive", "after"], "archive.after says when, and nothing says what becomes of the files", {
        hint: "Add archive.to, or archive.delete: true.",
      }),
    );
  if (isArchived && source?.cleanSource !== undefined)
    mistakes.push(
      mistake(["source", "cleanSource"], "source.cleanSource and archive say the same thing twice", ONE),
    );
  return source === undefined ? mistakes : [...mistakes, ...cleanSourceContradictions(source)];
}

const ONE = { hint: "Leave one of them out." };

function cleanSourceContradictions(source: CheckedDeclaration["source"]): Mistake[] {
  const { cleanSource } = source;
  const retention = source["cleanSource.retentionDuration"];
  const destination = source["cleanSource.moveDestination"];
  const mistakes: Mistake[] = [];
  if (cleanSource === "MOVE" && destination === undefined)
    mistakes.push(
      mistake(["source", "cleanSource"], "source.cleanSource: MOVE needs cleanSource.moveDestination", {
        hint: "Name the folder that files are moved to.",
      }),
    );
  if (destination !== undefined && cleanSource !== "MOVE")
    mistakes.push(
      mistake(
        ["source", "cleanSource.moveDestination"],
        "source.cleanSource.moveDestination says where to, and source.cleanSource is not MOVE",
        { hint: "Say cleanSource: MOVE, or leave it out." },
      ),
    );
  if (retention !== undefined && (cleanSource === undefined || cleanSource === "OFF"))
    mistakes.push(
      mistake(
        ["source", "cleanSource.retentionDuration"],
        "source.cleanSource.retentionDuration says when, and source.cleanSource does not say what becomes of the files",
        { hint: "Say cleanSource: MOVE or DELETE, or leave it out." },
      ),
    );
  if (cleanSource === "DELETE" && retention !== undefined && retention <= SHORTEST_CLEAN_DELETE_MS)
    mistakes.push(
      mistake(
        ["source", "cleanSource.retentionDuration"],
        "source.cleanSource: DELETE needs a retentionDuration of more than 7 days",
        { hint: "That is Databricks' rule. Here `archive: { delete: true, after: … }` takes any." },
      ),
    );
  return mistakes;
}

function mistake(path: readonly string[], message: string, { hint }: { readonly hint: string }): Mistake {
  return { path, at: "key", message, hint };
}
