/** Why something that lies in a source is no arrival, and what a person is told of it. */

export type PassedBy =
  /** A folder of Landfall or of Delta, whatever the declaration says. */
  | { readonly why: "own" }
  | { readonly why: "hidden" }
  /** Its name, or that of a folder above it, matches the pattern. */
  | { readonly why: "ignored"; readonly pattern: string }
  /** The location's glob or `pathGlobFilter` does not take it. */
  | { readonly why: "filter" }
  | { readonly why: "nested" }
  | { readonly why: "time" }
  /** It is a marker, and no data. */
  | { readonly why: "marker" }
  | { readonly why: "unmarked" }
  | { readonly why: "newerThanMarker" };

export type WhyPassedBy = PassedBy["why"];

const SAID: Readonly<Record<WhyPassedBy, string>> = {
  own: "it belongs to Landfall or to a Delta table",
  hidden: "its name, or that of a folder above it, begins with . or _ (source.ignoreHidden)",
  ignored: "its name, or that of a folder above it, is one of files that are not finished (source.ignore)",
  filter: "the source's glob or pathGlobFilter does not take its name",
  nested: "it lies in a folder below the source (source.recursiveFileLookup: false)",
  time: "it was modified at another time (source.modifiedAfter, source.modifiedBefore)",
  marker: "it is a marker (source.marker), which is never read as data",
  unmarked: "its marker is not there (source.marker), so that it may still be written",
  newerThanMarker:
    "it was modified after its marker was written (source.marker): it waits until the marker is written anew",
};

/** Read on after "it is not looked at, because". */
export function passedByText(passedBy: PassedBy): string {
  const pattern = "pattern" in passedBy ? `: ${passedBy.pattern}` : "";
  return `${SAID[passedBy.why]}${pattern}`;
}

/** True where it is a file that may still be written, or left behind by a writer that died: worth a word in a summary. */
export function saysUnfinished({ why }: PassedBy): boolean {
  return why === "ignored" || why === "unmarked" || why === "newerThanMarker";
}
