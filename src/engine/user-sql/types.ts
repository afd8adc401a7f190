/** Types that a person's SQL may cast to, in lower case, as people write them and as the parser calls them. */
export const PLAIN_TYPES: ReadonlySet<string> = new Set(
  `boolean bool tinyint smallint short integer int bigint long hugeint float real double decimal numeric varchar text string char date
  timestamp timestamp_ntz datetime timestamptz time interval blob binary`
    .split(/\s+/)
    .concat("timestamp with time zone"),
);

/** With types that hold others. */
export const NESTED_TYPES: ReadonlySet<string> = new Set([
  ...PLAIN_TYPES,
  ..."list array struct map row json uuid".split(" "),
]);
