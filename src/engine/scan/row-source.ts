/** Writes a row's element anew as XML, with the namespaces that hold where it stands, so that it can be judged by itself. */
import type { SaxesTagPlain } from "saxes";

export class RowSource {
  /** Declarations of the elements above the row, the outermost first. */
  readonly #scopes: Readonly<Record<string, string>>[] = [];
  #text = "";

  /** An element above the rows begins. */
  enter(tag: SaxesTagPlain): void {
    this.#scopes.push(namespacesOf(tag));
  }

  leave(): void {
    this.#scopes.pop();
  }

  beginRow(tag: SaxesTagPlain): void {
    this.#text = "";
    this.#open(tag.name, { ...Object.assign({}, ...this.#scopes), ...tag.attributes });
  }

  beginChild(tag: SaxesTagPlain): void {
    this.#open(tag.name, tag.attributes);
  }

  text(text: string): void {
    this.#text += escaped(text, /[&<>\r]/g);
  }

  end(tag: SaxesTagPlain): void {
    this.#text += `</${tag.name}>`;
  }

  /** What was written since the row began. */
  get row(): string {
    return this.#text;
  }

  #open(name: string, attributes: Readonly<Record<string, string>>): void {
    const list = Object.entries(attributes).map(
      ([key, value]) => ` ${key}="${escaped(value, /[&<"\t\r\n]/g)}"`,
    );
    this.#text += `<${name}${list.join("")}>`;
  }
}

function namespacesOf({ attributes }: SaxesTagPlain): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name]) => name === "xmlns" || name.startsWith("xmlns:")),
  );
}

function escaped(text: string, what: RegExp): string {
  return text.replaceAll(what, (character) => `&#${character.charCodeAt(0)};`);
}

/** A row that did not validate, as a line that no record of JSON looks like. */
export interface RefusedRow {
  readonly reason: string;
  /** The row's XML. */
  readonly content: string;
}

const MARK = "!";

export function refusedLine(row: RefusedRow): string {
  return `${MARK}${JSON.stringify(row)}`;
}

/** The row of such a line; undefined for any other. */
export function refusedRow(line: Buffer): RefusedRow | undefined {
  const text = line.toString();
  return text.startsWith(MARK) ? (JSON.parse(text.slice(MARK.length)) as RefusedRow) : undefined;
}
