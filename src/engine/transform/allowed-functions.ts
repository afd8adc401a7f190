/**
 * The functions that a transform may call. What they answer rests on their arguments alone, so that a batch that is staged again comes to
 * the same rows: no file, no setting, no clock, no chance, no state, and nothing that makes a small value huge (`repeat`, `range`, `lpad`).
 */
import { isAllowedFunction as isAllowedInRule } from "../expect/allowed-functions.ts";

/** By what they are for, as docs/reference/transform.md lists them. `expect` has its own list, all of which a transform may call too. */
export const TRANSFORM_FUNCTIONS: Readonly<Record<string, string>> = {
  aggregates: `count count_star count_if countif sum avg mean min max bool_and bool_or bit_and bit_or bit_xor product median quantile_cont
    quantile_disc stddev stddev_samp stddev_pop variance var_samp var_pop corr covar_pop covar_samp arg_min arg_max min_by max_by`,
  "aggregates that need ORDER BY": `list array_agg string_agg group_concat listagg first last any_value arbitrary`,
  windows: `row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`,
  text: `concat_ws regexp_replace regexp_extract_all regexp_split_to_array string_split_regex str_split string_to_array translate
    strip_accents unicode ord chr levenshtein jaccard hex unhex to_hex md5 sha1 sha256 base64 to_base64 from_base64 encode decode url_encode
    url_decode nfc_normalize bit_length`,
  numbers: `** ^ pow power exp ln log log2 log10 cbrt pi sin cos tan asin acos atan atan2 radians degrees even gcd lcm & | << >> ~ xor
    divide multiply add subtract round_even`,
  times: `strftime strptime to_timestamp make_timestamp make_timestamptz epoch_us epoch_ns date_add date_sub datesub monthname dayname
    weekofyear yearweek decade century millennium millisecond microsecond time_bucket julian`,
  nested: `unnest list_transform list_apply array_transform array_apply apply list_filter array_filter filter list_reduce array_reduce reduce
    list_sort array_sort list_reverse_sort array_reverse_sort list_distinct array_distinct list_unique array_unique list_slice array_slice list_concat
    array_concat list_cat array_cat list_append array_append array_push_back list_prepend array_prepend list_intersect array_intersect
    list_reverse array_reverse list_zip array_zip array_to_string list_avg list_count list_product list_first list_last flatten struct_insert
    struct_concat map map_from_entries map_entries map_concat map_extract_value`,
  JSON: `json_value json_exists json_contains json_keys json_extract_path json_extract_path_text json_transform json_transform_strict from_json
    from_json_strict to_json json_object json_array json_merge_patch array_to_json row_to_json json`,
  other: `typeof error`,
};

const namesIn = (group: string): string[] => TRANSFORM_FUNCTIONS[group]!.split(/\s+/);

const ALLOWED: ReadonlySet<string> = new Set(Object.keys(TRANSFORM_FUNCTIONS).flatMap(namesIn));
const WINDOWS: ReadonlySet<string> = new Set(namesIn("windows"));
const ORDERED: ReadonlySet<string> = new Set(namesIn("aggregates that need ORDER BY"));
const AGGREGATES: ReadonlySet<string> = new Set([...namesIn("aggregates"), ...ORDERED]);

/** True for the name of a function that a transform may call, in any case. */
export function isAllowedFunction(name: string): boolean {
  return ALLOWED.has(name.toLowerCase()) || isAllowedInRule(name);
}

export function isWindowFunction(name: string): boolean {
  return WINDOWS.has(name.toLowerCase());
}

export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name.toLowerCase());
}

/** True where the answer depends on the order of rows, which only ORDER BY states. */
export function needsOrder(name: string): boolean {
  return ORDERED.has(name.toLowerCase()) || WINDOWS.has(name.toLowerCase());
}
