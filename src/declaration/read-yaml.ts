/** YAML as plain data together with the place of every key and value, and its own mistakes in words. The only file with `yaml` in it. */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from "yaml";
import { messageOf } from "../base/landfall-error.ts";
import type { JsonValue } from "../base/lossless-json.ts";
import type { MistakePath } from "./mistakes.ts";
import type { FilePlace, Problem } from "./problem.ts";

/** Far above any declaration, far below what would take time or memory. */
const LARGEST_TEXT = 1024 * 1024;
/** What `yaml` counts for aliases in aliases; stops "a billion laughs" while a hundred plain uses pass. */
const MOST_ALIASES = 100;
/** Nodes above a collection; a declaration has four. */
const DEEPEST = 100;

export interface YamlPlaces {
  /** The place of a key or value; of the nearest thing around it when it is not there. */
  find(options: {
    readonly path: MistakePath;
    readonly at: "key" | "value";
    readonly offset?: number;
  }): FilePlace;
}

export type YamlReading =
  | { readonly readable: false; readonly problems: readonly Problem[] }
  | {
      readonly readable: true;
      readonly value: JsonValue;
      readonly places: YamlPlaces;
      /** Mistakes beside which the content can still be judged: duplicate keys. */
      readonly problems: readonly Problem[];
    };

/** Reads one YAML document. Throws nothing. */
export function readYaml(text: string): YamlReading {
  const start: FilePlace = { line: 1, column: 1, length: 1 };
  if (text.length > LARGEST_TEXT) return unreadable({ at: start, message: "the file is larger than 1 MiB" });
  // Of a Parquet file or an archive there would be a mistake in every line.
  if (text.includes("\0"))
    return unreadable({ at: start, message: "the file is no text; a declaration is YAML" });
  const lines = new LineCounter();
  const place = (from: number, to: number): FilePlace => {
    const { line, col } = lines.linePos(Math.min(from, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, to - from) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    const faults = [...document.errors, ...document.warnings].map((error) => yamlProblem(error, text, place));
    const problems = [...faults, ...nodeProblems(document, place)];
    if (problems.length > document.errors.filter((error) => error.code === "DUPLICATE_KEY").length) {
      return { readable: false, problems: firstOfEachLine(problems) };
    }
    if (document.contents === null) {
      const hint = "The shortest declaration is source.location and table.location.";
      return unreadable({ at: start, message: "the file holds no declaration", hint });
    }
    const value = document.toJS({ maxAliasCount: MOST_ALIASES }) as JsonValue;
    return { readable: true, value, places: placesIn(document, text, place), problems };
  } catch (error) {
    // The library's limit on aliases, or a stack overflow by nesting; both are the text's doing.
    const reason = error instanceof RangeError ? "values are nested too deep" : messageOf(error);
    return unreadable({ at: start, message: `the file cannot be read as YAML: ${reason}` });
  }
}

type PlaceOf = (from: number, to: number) => FilePlace;

function unreadable(problem: Problem): YamlReading {
  return { readable: false, problems: [problem] };
}

function yamlProblem(error: YAMLError, text: string, place: PlaceOf): Problem {
  const at = place(error.pos[0], error.pos[1]);
  const line = text.slice(error.pos[0]).split(/[\r\n]/, 1)[0]!;
  if (error.code === "TAB_AS_INDENT")
    return { at, message: "a tab is used to indent; YAML takes spaces only" };
  if (error.code === "DUPLICATE_KEY") {
    const key = /^[^:\s]+/.exec(line)?.[0] ?? line;
    const message = `the key ${key || '""'} stands twice in one mapping`;
    return { at: { ...at, length: Math.max(1, key.length) }, message };
  }
  if (error.code === "MULTIPLE_DOCS") {
    return { at: { ...at, length: 3 }, message: "the file holds several documents; a file is one pipeline" };
  }
  if (error.code === "BLOCK_AS_IMPLICIT_KEY") {
    return { at, message: "a key within a value", hint: 'A value that holds ": " stands in quotes.' };
  }
  if (error.code === "RESOURCE_EXHAUSTION") return { at, message: "values are nested too deep" };
  if (error.code === "BAD_SCALAR_START")
    return { at, message: error.message, hint: "Put the value in quotes." };
  return { at, message: error.message };
}

/** One slip of the hand makes many syntax errors; the first of a line is the one that helps. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const seen = new Set<number>();
  return problems.filter((problem) => {
    const line = "line" in problem.at ? problem.at.line : 0;
    const first = !seen.has(line);
    seen.add(line);
    return first;
  });
}

function nodeProblems(document: Document, place: PlaceOf): Problem[] {
  const problems: Problem[] = [];
  const report = (node: Node, message: string): void => {
    const [from, to] = node.range ?? [0, 0];
    problems.push({ at: place(from, to), message });
  };
  visit(document, {
    Pair(_key, { key }) {
      // As plain data such keys become texts of texts, each level twice as long.
      if (isNode(key) && !isScalar(key)) report(key, "a key is a plain text, not a list, mapping or alias");
    },
    Alias(_key, alias) {
      const target = alias.resolve(document);
      if (!target) report(alias, `no anchor &${alias.source} stands before its alias`);
      else if (isWithin(alias, target))
        report(alias, `the alias *${alias.source} stands inside its own anchor`);
    },
    Collection(_key, collection, ancestors) {
      if (ancestors.length <= DEEPEST) return undefined;
      report(collection, "values are nested too deep");
      return visit.BREAK;
    },
  });
  return problems;
}

function isWithin(node: Node, outer: Node): boolean {
  const [from = 0] = node.range ?? [];
  return outer.range ? outer.range[0] <= from && from < outer.range[1] : false;
}

function placesIn(document: Document, text: string, place: PlaceOf): YamlPlaces {
  const lines = text.split(/\r\n|\n/);
  // A value over many lines is marked to the end of its first.
  const firstLine = (whole: FilePlace): FilePlace => {
    const left = (lines[whole.line - 1] ?? "").length - whole.column + 1;
    return { ...whole, length: Math.max(1, Math.min(whole.length, left)) };
  };
  const ofNode = (node: Node | undefined, offset?: number): FilePlace | undefined => {
    if (!node?.range) return undefined;
    const [from, to] = node.range;
    if (offset === undefined || !isScalar(node)) return place(from, to);
    // An offset in the value is one in the file where the value stands there letter by letter: on one line, without escapes.
    const at = text.slice(from, to).indexOf(String(node.value));
    return at < 0 ? place(from, to) : place(from + at + offset, from + at + offset + 1);
  };
  return {
    find({ path, at, offset }) {
      let node: unknown = document.contents;
      let key: Node | undefined;
      for (const part of path) {
        const inner = innerOf(resolved(node, document), part);
        if (!inner) return ofNode(key) ?? place(0, 1);
        key = inner.key ?? key;
        node = inner.value;
      }
      const wanted = at === "key" ? key : isNode(node) ? node : key;
      return firstLine(ofNode(wanted, offset) ?? ofNode(key) ?? place(0, 1));
    },
  };
}

function innerOf(node: unknown, part: string | number): { key?: Node; value: unknown } | undefined {
  if (isSeq(node))
    return node.items[Number(part)] === undefined ? undefined : { value: node.items[Number(part)] };
  if (!isMap(node)) return undefined;
  const pair: Pair | undefined = node.items.findLast((item) => keyText(item.key) === String(part));
  return pair && { ...(isNode(pair.key) ? { key: pair.key } : {}), value: pair.value };
}

function keyText(key: unknown): string {
  return isScalar<string | number | boolean | bigint | null>(key) ? String(key.value ?? "") : String(key);
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
