/** What the engine's process and a module's process say to each other. At most one message waits on either side. */
import type { StructType } from "../../schema/data-type.ts";

/**
 * A value between the two, exact and cheap: whole days and microseconds since 1970, decimals without their point, structs as
 * the list of their fields' values, maps as a list of pairs.
 */
export type PlainValue = null | boolean | number | bigint | string | Uint8Array | readonly PlainValue[];

export type PlainColumns = readonly (readonly PlainValue[])[];

export type ToModule =
  | { readonly type: "load"; readonly path: string; readonly parent: number }
  | { readonly type: "begin"; readonly input: StructType; readonly output: StructType }
  | { readonly type: "chunk"; readonly rows: number; readonly columns: PlainColumns }
  /** Asks for the rest of the answer to the last chunk. */
  | { readonly type: "more" };

export type FromModule =
  | { readonly type: "loaded"; readonly columns: string }
  /** It is no module that can be used. `why` ends a sentence that begins with its name. */
  | { readonly type: "invalid"; readonly why: string }
  | { readonly type: "begun" }
  | { readonly type: "rows"; readonly columns: PlainColumns; readonly isLast: boolean }
  | { readonly type: "failed"; readonly why: string }
  /** Nothing is left to wait for, and there is no answer. */
  | { readonly type: "unsettled" };
