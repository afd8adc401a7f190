/**
 * Holds rows of XML against an XSD, by libxml2 in WebAssembly: no file system and no network is within its reach, and entities of a
 * document type never get there. Loaded only where an XSD is stated.
 */
import { readFileSync } from "node:fs";
import type { ParseOptions } from "libxml2-wasm";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";

export interface RowValidator {
  /** Why the text of an element does not validate; undefined if it does. */
  fault(row: string): string | undefined;
  /** Frees what lies outside of JavaScript's memory. Call once. */
  close(): void;
}

/** Reasons stand in a table: of many faults the first few tell. */
const MAX_FAULTS = 3;

/** @throws LandfallError SCHEMA_INVALID for a file that cannot be read or is no XSD */
export async function rowValidator(path: string): Promise<RowValidator> {
  const { ParseOption, XmlDocument, XmlLibError, XsdValidator } = await import("libxml2-wasm");
  // What is large is bounded before it gets here.
  const option = (ParseOption.XML_PARSE_NONET |
    ParseOption.XML_PARSE_NO_XXE |
    ParseOption.XML_PARSE_HUGE) as ParseOptions["option"] & number;
  const faultsOf = (error: unknown): string | undefined =>
    error instanceof XmlLibError ? sentence(error.details.map(({ message }) => message)) : undefined;
  const validator = (() => {
    let schema: InstanceType<typeof XmlDocument> | undefined;
    try {
      schema = XmlDocument.fromBuffer(readFileSync(path), { option });
      return XsdValidator.fromDoc(schema);
    } catch (error) {
      throw new LandfallError("SCHEMA_INVALID", {
        message: `xml.rowValidationXSDPath is no XSD that can be read: ${faultsOf(error) ?? messageOf(error)}`,
        hint: "Nothing was committed. Give one file that holds the whole schema: what it includes or imports is not loaded.",
        file: path,
        cause: error,
      });
    } finally {
      schema?.dispose();
    }
  })();
  return {
    fault(row) {
      let document: InstanceType<typeof XmlDocument> | undefined;
      try {
        document = XmlDocument.fromString(row, { option });
        validator.validate(document);
        return undefined;
      } catch (error) {
        const found = faultsOf(error);
        if (found === undefined) throw error;
        return found;
      } finally {
        document?.dispose();
      }
    },
    close: () => validator.dispose(),
  };
}

function sentence(messages: readonly string[]): string {
  const faults = messages.map((message) => message.trim().replaceAll(/\s+/g, " "));
  const more = faults.length > MAX_FAULTS ? ` and ${faults.length - MAX_FAULTS} more` : "";
  return `the XSD refuses it: ${faults.slice(0, MAX_FAULTS).join(" ")}${more}`;
}
