import { z } from "zod";
import { option } from "../../formats/option.ts";
import { checked, named } from "./values.ts";

/** A rule's name stands in rejects and messages; one of digits alone would leave the order of the file. */
const RULE_NAME = /^[A-Za-z][\w-]{0,62}$/;

export const expectShape = z
  .record(
    checked((text) =>
      RULE_NAME.test(text)
        ? undefined
        : { message: "must be 1 to 63 letters, digits, _ and -, the first a letter" },
    ),
    named("an SQL expression"),
  )
  .default({})
  .meta(
    option(
      "rules",
      "Rules that rows must hold: a name and one SQL expression over the table's columns, such as `has_id: event_id IS NOT NULL`. A row for which one is false, or cannot be computed, is rejected with the first such rule's name and kept as JSON; null is no breach, as in SQL's CHECK. Subqueries, aggregates, clocks and functions that see anything but the row are refused.",
    ),
  );
