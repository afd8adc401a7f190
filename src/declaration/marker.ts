/** How a writer says that a file, or a folder of files, is finished: by a second file, the marker. */
import { z } from "zod";

export type Marker =
  /** `x.json` is finished once `x.json.done` is there. */
  | { readonly kind: "suffix"; readonly suffix: string }
  /** `x.json` is finished once `x.done` is there. */
  | { readonly kind: "extension"; readonly extension: string }
  /** Files of a folder, and of the folders below it, are finished once this one is there; they make one batch. */
  | { readonly kind: "file"; readonly name: string };

const written = z.strictObject(
  { suffix: z.string().optional(), extension: z.string().optional(), file: z.string().optional() },
  {
    error: (issue) =>
      issue.code === "invalid_type"
        ? "must be one of { suffix: .done }, { extension: .done } and { file: _SUCCESS }"
        : undefined,
  },
);

export const MARKER_KEYS = Object.keys(written.shape);

export const markerShape = written.transform((value, context): Marker => {
  const said = Object.entries(value).filter(([, text]) => text !== undefined);
  const [[kind, text] = [], ...others] = said as [string, string][];
  if (kind !== undefined && text !== undefined && others.length === 0) {
    const fault = faultOf(kind, text);
    if (fault === undefined) return markerOf(kind, text);
    context.addIssue({ code: "custom", message: fault });
    return z.NEVER;
  }
  context.addIssue({
    code: "custom",
    message: "must be one of { suffix: .done }, { extension: .done } and { file: _SUCCESS }",
  });
  return z.NEVER;
});

function faultOf(kind: string, text: string): string | undefined {
  if (text === "" || text.includes("/") || text === "." || text === "..")
    return `has ${kind}: ${JSON.stringify(text)}, which is no ${kind === "file" ? "file's name" : "end of a name"}`;
  if (kind === "extension" && !/^\.[^.]+$/.test(text))
    return `has extension: ${JSON.stringify(text)}; it takes the place of the file's, such as .done`;
  return undefined;
}

function markerOf(kind: string, text: string): Marker {
  if (kind === "suffix") return { kind, suffix: text };
  if (kind === "extension") return { kind, extension: text };
  return { kind: "file", name: text };
}
