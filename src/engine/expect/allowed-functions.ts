/**
 * The functions that a rule may call: a value of the row in, a value out, the same whenever it is asked. No file, no setting, no clock, no
 * chance, no state, nothing that makes a small value huge (`repeat`, `range`), and none that takes a function.
 */
const TEXT = `length len char_length character_length strlen octet_length lower upper lcase ucase trim ltrim rtrim starts_with prefix
  ends_with suffix contains instr strpos position substr substring left right replace reverse split_part string_split concat ||
  regexp_matches regexp_full_match regexp_extract ascii ~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape ^@`;
const NUMBERS = `+ - * / // % abs round floor ceil ceiling trunc sign mod sqrt greatest least isnan isinf isfinite`;
const TIMES = `date_part datepart date_trunc datetrunc date_diff datediff year quarter month week day hour minute second dayofweek
  isodow dayofyear epoch epoch_ms last_day make_date timezone try_strptime to_years to_months to_weeks to_days to_hours to_minutes to_seconds
  to_milliseconds to_microseconds`;
const NESTED = `list_value row struct_pack struct_extract list_contains list_has array_contains array_has list_has_any list_has_all list_position
  array_length array_extract list_extract list_element list_min list_max list_sum map_extract element_at map_contains map_keys map_values
  cardinality`;
const JSON_TEXT = `json_valid json_extract json_extract_string json_array_length json_type ->>`;
const OTHER = `nullif ifnull coalesce constant_or_null`;

const ALLOWED: ReadonlySet<string> = new Set(
  [TEXT, NUMBERS, TIMES, NESTED, JSON_TEXT, OTHER].flatMap((list) => list.split(/\s+/)),
);

/** True for the name of a function that a rule may call, in any case. */
export function isAllowedFunction(name: string): boolean {
  return ALLOWED.has(name.toLowerCase());
}
