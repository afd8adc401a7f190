/** The reference page of formats: what each reader reads and refuses, with its options from the declaration. */
import { FORMATS, type FileFormat } from "../src/formats/format-options.ts";
import { optionsTable, table } from "./declaration-page.ts";

const HEAD = `# Formats

<!-- Generated from tools/formats-page.ts and src/formats/ by \`node tools/docs.ts\`; change it there. -->

\`source.format\` says what the files are. Left out, their names do: \`.json\`, \`.ndjson\`, \`.jsonl\`, \`.csv\`, \`.tsv\`, \`.tab\`, \`.parquet\`,
\`.avro\`, \`.xml\`, whatever compression or archive their names end in; \`text\` and \`binaryFile\` are always said. Compression is told by content
and undone, and the members of archives are read as files of their own, for every format but binaryFile. A file that cannot be read to
its end is quarantined whole, with its reason; a broken record of a format that has lines is rejected with its place, and the rest of its file is
read. ORC is refused by name: no well-kept library reads it here. What tells files apart: [input-files.md](input-files.md).

Types are inferred, hinted or explicit by the rules of [types.md](types.md).
`;

const AVRO_COLUMNS: readonly (readonly string[])[] = [
  ["boolean, int, long, float, double", "BOOLEAN, INT, BIGINT, FLOAT, DOUBLE"],
  ["string, enum, uuid on a string", "STRING"],
  ["bytes, fixed (so duration, and uuid on fixed)", "BINARY"],
  ["decimal of up to 38 digits", "DECIMAL(p,s)"],
  ["date", "DATE"],
  ["timestamp-millis, timestamp-micros", "TIMESTAMP"],
  ["local-timestamp-millis, local-timestamp-micros", "TIMESTAMP, taken in `schema.timeZone`"],
  ["time-millis, time-micros", "STRING, as Parquet's times: `HH:MM:SS` and as much of `.ffffff` as there is"],
  ["timestamps in nanos", "BIGINT, their bare count"],
  ["record, array, map", "STRUCT, ARRAY, MAP<STRING, …>"],
  ["union of null and X", "X"],
  ["union of int and long, of float and double", "BIGINT, DOUBLE"],
  ["another union", "STRUCT<member0, member1, …> in the order of the branches, null aside"],
  ["null, a union of only null", "no column"],
];

const CHAPTERS: Readonly<Record<FileFormat, string>> = {
  json: `Lines, arrays, values over several lines, or what stands below a path. Read by \`src/engine/scan/json-lines.ts\`.`,
  csv: `RFC 4180 and the dialects of its options. A field is a number, a boolean, a date or a time only where it prints back as it was written.
Read by \`src/engine/scan/csv-reader.ts\`.`,
  parquet: `Types are the file's. Files of one batch may have different columns: they unify, and what fits no column is rescued. Times of day
are STRING, \`HH:MM:SS\` and as much of a fraction as there is. Of times in
nanoseconds, with a zone or without, whole microseconds are TIMESTAMP and the others are rescued with every digit (a file with instants in
nanoseconds is copied on the way). Types without an answer (FLOAT16, INTERVAL, VARIANT, decimals of more than 38 digits) quarantine their file by
name; a group that only has a variant's parts, without being called one, is the STRUCT that it looks like. Of columns, or fields of a struct at any depth, whose names differ by case or are equal, one is taken and the others are rescued, by the
rules of JSON's keys: the name that the table or a hint has, else the first in byte order; of equal names the last. Read by
\`src/engine/stage-parquet.ts\`. No options.

A file of 32 MB to 1 GB that is already what a data file of the table would be becomes one by a copy of its bytes, beside those that are written.
So it is where all of this holds; else it is read and written anew, and nobody need know:

- It is neither packed nor in an archive, and nothing is added to its rows or kept from them: no provenance, no partitions, no computed columns,
  no \`expect\`, no \`transform\`.
- Each of its columns is one of the table, of that name to the letter and that type, and nothing is rescued. Columns of the table that it lacks are null;
  the order of columns does not matter.
- Its types are those of \`src/engine/data-file-schema.ts\`, which every reader of Delta takes for the same: no INT96, no unsigned integers, no other unit than
  microseconds, arrays and maps in three levels. Its pages are packed by nothing, snappy, gzip or zstd, and encoded as Parquet 1 does; its row groups
  have 256 KB or more on average, and none has more than 512 MB. It does not say that its days are of the calendar of before 1582.
- Every value has been read, and the footer states no bound and no count of nulls of a row group that its values do not hold. Statistics in the log
  come from the values.`,
  avro: `Object container files. Types are the file's, and files of one batch unify as those of Parquet do. Read by \`src/engine/stage-avro.ts\`.

${table(["Avro", "column"], AVRO_COLUMNS)}
A logical type that does not fit the type under it, or is not known, counts as that type, as Avro asks. Codecs: null, deflate, snappy (its
checksum verified), zstandard, bzip2.

The file is quarantined, by name, for: a record that holds itself; a decimal of more than 38 digits; a record without fields; items that are
always null; fields of one record whose names differ by case only; a map with a key twice; the codec xz; a block longer than
\`limits.maxRecordBytes\`, packed or not; a string that is not UTF-8; a wrong marker or checksum; a file that ends inside a block. Values outside
the years 271821 BC to 275760 quarantine it too.

\`avro.avroSchema\` is a reader's schema, and its fields are the table's columns, as if hinted. Each file is read by Avro's rules of resolution:
fields by name, else by alias; their default for those that a file lacks; a branch of a union, a symbol of an enum, a promoted number. What could
be lost in a promotion (long to float or double, int to float) is rescued where it would be. A file whose schema does not resolve, or that holds a
symbol or branch which nothing takes, is quarantined by name. Of records that are no branch of a union the names need not agree.`,
  xml: `Each \`rowTag\` element is a row, wherever it stands. Read by \`src/engine/scan/xml-lines.ts\`.

- Attributes are columns named with \`attributePrefix\`; child elements are columns; an element's own text beside attributes or children is
  \`valueTag\`. Text in several pieces between children is an array of its pieces. Declarations of namespaces are left out.
- Texts are numbers, booleans (\`true\` and \`false\` only), dates and times by the rules of CSV: where they print back as they were written.
- An element that stands twice in one parent in any record of a batch is an array in all of them; one that has attributes or children in any is
  a struct in all, its text under \`valueTag\`. This is decided once all records of the batch have been read; where the table has the column
  already, the table decides, and what does not fit is rescued.
- An empty element or attribute is null, and so is \`nullValue\`. An empty element keeps its place in an array.
- The encoding is told by a byte order mark or the XML declaration, else it is UTF-8. ISO-8859-1 is
  taken byte for byte; windows-1252 is another encoding, for documents that say windows-1252.
- A document that is not well-formed is quarantined with line and column, and none of its records is taken. Of a document type nothing is used:
  entities that it declares are not expanded (a reference to one is a fault), and no other file or address is ever read.
- Elements nested deeper than \`limits.maxDepth\`, and records or text between two tags longer than \`limits.maxRecordBytes\`, quarantine the file.
- With \`xml.rowValidationXSDPath\` each row's element is held against an XSD by itself, with the namespaces that hold where it stands; one that does
  not validate is rejected as XML with libxml2's reasons. The XSD names the element \`rowTag\`; what it includes or imports is not loaded.`,
  text: `One column \`value STRING\`: a row for each line, or for each file. Lines are text whatever they look like. A line that is not valid
UTF-8, or longer than \`limits.maxRecordBytes\`, is rejected. A byte order mark at the start is left out. Read by
\`src/engine/scan/text-lines.ts\`.`,
  binaryFile: `Any file is a row: \`path STRING\` (below the source), \`modificationTime TIMESTAMP\`, \`length BIGINT\`, \`content BINARY\`, the bytes as they lie
there. A file larger than \`limits.maxRecordBytes\` is quarantined. Read by \`src/engine/stage-binary-file.ts\`. No options.`,
};

/** The page as Markdown. */
export function formatsPage(): string {
  const chapters = FORMATS.map((format) => {
    const options = optionsTable(format);
    return `## \`${format}\`\n\n${CHAPTERS[format]}\n${options === "" ? "" : `\n${options}`}`;
  });
  return [HEAD, ...chapters].join("\n");
}
