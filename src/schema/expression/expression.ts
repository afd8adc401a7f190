/** An expression of Spark SQL over the columns of one row, as the tree that its text means. Plain data: nothing is typed or judged yet. */
import type { PrimitiveType } from "../data-type.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "div";
export type ComparingOperator = "=" | "<>" | "<" | "<=" | ">" | ">=" | "<=>";

/** Where in the text it stands: UTF-16 units from its beginning, the end excluded. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface LiteralExpression extends Place {
  readonly kind: "literal";
  /** `void`: null. */
  readonly type: PrimitiveType;
  /** Numbers as written, without their suffix; bytes as hexadecimal digits. */
  readonly text: string;
}

export type Expression =
  | LiteralExpression
  /** A column, and the fields of structs below it. */
  | (Place & { readonly kind: "name"; readonly path: readonly string[] })
  | (Place & { readonly kind: "and" | "or"; readonly of: readonly Expression[] })
  | (Place & { readonly kind: "not" | "negative"; readonly of: Expression })
  | (Place & {
      readonly kind: "arithmetic";
      readonly op: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Place & {
      readonly kind: "compare";
      readonly op: ComparingOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Place & {
      readonly kind: "between";
      readonly of: Expression;
      readonly lower: Expression;
      readonly upper: Expression;
    })
  | (Place & { readonly kind: "in"; readonly of: Expression; readonly values: readonly Expression[] })
  | (Place & {
      readonly kind: "like";
      readonly of: Expression;
      readonly pattern: Expression;
      /** One character. */
      readonly escape: string;
    })
  | (Place & { readonly kind: "is"; readonly of: Expression; readonly what: "null" | "true" | "false" })
  | (Place & {
      readonly kind: "case";
      /** Compared with each `when`; without it each is a condition. */
      readonly operand?: Expression;
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise?: Expression;
    })
  | (Place & { readonly kind: "cast"; readonly of: Expression; readonly to: PrimitiveType })
  | (Place & {
      readonly kind: "call";
      /** In lower case. */
      readonly name: string;
      readonly arguments: readonly Expression[];
    });

/** What of an expression is not known, and why; `translateExpression` makes an error of it. */
export class ExpressionFaultSignal extends Error {
  readonly place: Place;

  /** @param reason follows on "cannot be judged: " */
  constructor(place: Place, reason: string) {
    super(reason);
    this.place = { start: place.start, end: place.end };
  }
}
