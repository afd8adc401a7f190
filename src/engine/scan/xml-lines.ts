/**
 * Makes lines of JSON of an XML document: each `rowTag` element is a record, its attributes and children are members, elements
 * that stand more than once in their parent an array, in the order of the document. Texts are numbers, booleans or strings by
 * the rules of CSV, so that both share one lattice. A document type is read over: entities that it declares are not expanded,
 * and nothing outside the file is ever read.
 */
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { LandfallError } from "../../base/landfall-error.ts";
import type { XmlOptions } from "../../formats/xml-options.ts";
import { refusedLine, RowSource } from "./row-source.ts";
import type { LineMaker } from "./scan-part.ts";
import { XmlText } from "./xml-text.ts";

export interface XmlLinesOptions extends XmlOptions {
  /** The name for messages. */
  readonly file: string;
  readonly maxRecordBytes: number;
  readonly maxDepth: number;
  readonly write: (lines: Buffer) => void;
  /** Why a row, given as XML, is to be rejected. Default: none is. */
  readonly faultOf?: ((row: string) => string | undefined) | undefined;
}

/** An element that is part of a record and has not ended. */
interface OpenElement {
  readonly key: string;
  /** JSON texts by key, in the order of their first appearance. */
  readonly members: Map<string, string[]>;
  /** Its pieces of text: more than one where children stand between them. */
  readonly texts: string[];
  hasChildren: boolean;
}

/** Lines are given on when they are so long together. */
const BATCH_CHARACTERS = 64 * 1024;
/** As JSON writes numbers. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export class XmlLines implements LineMaker {
  readonly #options: XmlLinesOptions;
  readonly #parser = new SaxesParser({ xmlns: false });
  readonly #text: XmlText;
  readonly #rowTag: string;
  /** Elements from the record's down; empty outside of records. */
  readonly #open: OpenElement[] = [];
  #depth = 0;
  /** Characters. The parser's own count holds only while it calls. */
  #fed = 0;
  /** Text since the last tag. */
  #piece = "";
  /** Where in the text the record, or else the last tag, began. */
  #since = 0;
  /** The row as XML, where something judges it. */
  readonly #source: RowSource | undefined;
  #lines: string[] = [];
  #characters = 0;

  /** @throws LandfallError DECLARATION_INVALID without a `rowTag` */
  constructor(options: XmlLinesOptions) {
    this.#options = options;
    this.#text = new XmlText(options.file);
    this.#source = options.faultOf === undefined ? undefined : new RowSource();
    if (options.rowTag === undefined) {
      throw new LandfallError("DECLARATION_INVALID", {
        message: "XML files are read with xml.rowTag, the element that is a row.",
        hint: "Say xml: { rowTag: item }, or --xml-row-tag item.",
      });
    }
    this.#rowTag = options.rowTag;
    this.#parser.on("error", (error) => this.#fail(error.message.replace(/^\d+:\d+: /, "")));
    this.#parser.on("opentag", (tag) => this.#openTag(tag));
    this.#parser.on("closetag", (tag) => this.#closeTag(tag));
    const hear = (text: string): void => {
      if (this.#open.length === 0) return;
      this.#piece += text;
      this.#source?.text(text);
    };
    this.#parser.on("text", hear);
    this.#parser.on("cdata", hear);
  }

  feed(bytes: Buffer): void {
    this.#write(this.#text.feed(bytes));
  }

  finish(): void {
    this.#write(this.#text.finish());
    this.#parser.close();
    this.#flush();
  }

  #write(text: string): void {
    if (text === "") return;
    this.#fed += text.length;
    this.#parser.write(text);
    // Characters are at most as many as bytes, and the scanner measures what was made of them once more.
    if (this.#fed - this.#since > this.#options.maxRecordBytes)
      this.#fail("a record, or what stands between two tags, is longer than maxRecordBytes");
  }

  #openTag(tag: SaxesTagPlain): void {
    this.#depth += 1;
    if (this.#depth > this.#options.maxDepth) this.#fail("elements are nested deeper than maxDepth");
    const key = this.#nameOf(tag.name);
    const parent = this.#open.at(-1);
    if (parent !== undefined) {
      parent.hasChildren = true;
      this.#endPiece(parent);
      this.#source?.beginChild(tag);
    } else {
      this.#since = this.#parser.position;
      if (key !== this.#nameOf(this.#rowTag)) return this.#source?.enter(tag);
      this.#source?.beginRow(tag);
    }
    const element: OpenElement = { key, members: new Map(), texts: [], hasChildren: false };
    if (!this.#options.excludeAttribute) this.#takeAttributes(tag.attributes, element);
    this.#open.push(element);
  }

  #takeAttributes(attributes: Readonly<Record<string, string>>, element: OpenElement): void {
    for (const name of Object.keys(attributes)) {
      if (name === "xmlns" || name.startsWith("xmlns:")) continue;
      const key = this.#options.attributePrefix + this.#nameOf(name);
      addTo(element.members, key, this.#valueOf(attributes[name]!));
    }
  }

  #closeTag(tag: SaxesTagPlain): void {
    this.#depth -= 1;
    const element = this.#open.pop();
    if (element === undefined) {
      this.#since = this.#parser.position;
      return this.#source?.leave();
    }
    this.#source?.end(tag);
    this.#endPiece(element);
    const parent = this.#open.at(-1);
    if (parent !== undefined) return addTo(parent.members, element.key, this.#jsonOf(element));
    this.#since = this.#parser.position;
    this.#line(this.#refused() ?? this.#rowOf(element));
  }

  #refused(): string | undefined {
    if (this.#source === undefined) return undefined;
    const content = this.#source.row;
    const reason = this.#options.faultOf!(content);
    return reason === undefined ? undefined : refusedLine({ reason, content });
  }

  /** The text since the last tag is a piece of the element's own; blanks beside children are only layout. */
  #endPiece(element: OpenElement): void {
    const piece = this.#piece;
    this.#piece = "";
    if (piece === "") return;
    const trimmed = piece.trim();
    if (trimmed === "" && (element.hasChildren || this.#options.ignoreSurroundingSpaces)) return;
    element.texts.push(this.#options.ignoreSurroundingSpaces ? trimmed : piece);
  }

  #jsonOf(element: OpenElement): string {
    if (element.members.size > 0) return this.#rowOf(element);
    return element.texts.length === 0 ? "null" : this.#valueOf(element.texts[0]!);
  }

  #rowOf(element: OpenElement): string {
    for (const text of element.texts) addTo(element.members, this.#options.valueTag, this.#valueOf(text));
    const members = [...element.members].map(
      ([key, values]) =>
        `${JSON.stringify(key)}:${values.length === 1 ? values[0]! : `[${values.join(",")}]`}`,
    );
    return `{${members.join(",")}}`;
  }

  #valueOf(text: string): string {
    if (text === "" || text === this.#options.nullValue) return "null";
    if (text === "true" || text === "false") return text;
    // What does not print back as it was read is text (`csvClass`).
    return NUMBER.test(text) && text !== "-0" ? text : JSON.stringify(text);
  }

  #nameOf(name: string): string {
    return this.#options.ignoreNamespace ? name.slice(name.indexOf(":") + 1) : name;
  }

  #line(json: string): void {
    this.#lines.push(json, "\n");
    this.#characters += json.length;
    if (this.#characters > BATCH_CHARACTERS) this.#flush();
  }

  #flush(): void {
    if (this.#lines.length > 0) this.#options.write(Buffer.from(this.#lines.join("")));
    this.#lines = [];
    this.#characters = 0;
  }

  #fail(what: string): never {
    const { line, column } = this.#parser;
    throw new LandfallError("FILE_DAMAGED", {
      message: `XML: ${what} (line ${line}, column ${column})`,
      hint: "Nothing of the file was taken: have it written anew.",
      file: this.#options.file,
    });
  }
}

function addTo(members: Map<string, string[]>, key: string, value: string): void {
  const values = members.get(key);
  if (values === undefined) members.set(key, [value]);
  else values.push(value);
}
