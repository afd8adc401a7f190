/** From what was read to a pipeline that can run; mistakes are reported together. */
import { readFileSync } from "node:fs";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { LoadedDeclaration } from "./check-written.ts";
import type { Pipeline } from "./declaration.ts";
import { formatProblems } from "./problem.ts";
import { isSchemaText } from "../formats/avro-options.ts";

/** @throws LandfallError DECLARATION_INVALID */
export function loadedPipeline(
  loaded: LoadedDeclaration,
  origin: {
    /** Empty where there is none. */
    readonly file: string;
    readonly text: string;
    /** How messages call what was written. Default: the options, or the declaration where there is a file. */
    readonly called?: string;
  },
): Pipeline {
  if (loaded.pipeline !== undefined) return withAvroSchema(loaded.pipeline);
  const count = loaded.problems.length;
  const { called = origin.file === "" ? "the options" : "the declaration" } = origin;
  throw new LandfallError("DECLARATION_INVALID", {
    message: `${count === 1 ? "There is a mistake" : `There are ${count} mistakes`} in ${called}:\n${formatProblems(loaded.problems, origin)}`,
    hint: "Nothing was read or written.",
    ...(origin.file === "" ? {} : { file: origin.file }),
  });
}

/** The pipeline with the schema itself where the declaration names the file that holds it. */
function withAvroSchema(pipeline: Pipeline): Pipeline {
  const { avroSchema } = pipeline.formats.avro;
  if (avroSchema === undefined || isSchemaText(avroSchema)) return pipeline;
  try {
    const avro = { avroSchema: readFileSync(avroSchema, "utf8") };
    return { ...pipeline, formats: { ...pipeline.formats, avro } };
  } catch (error) {
    throw new LandfallError("DECLARATION_INVALID", {
      message: `avro.avroSchema names the file ${avroSchema}, which cannot be read: ${messageOf(error)}`,
      hint: "Check the path, which is relative to the declaration, or give the schema's JSON text.",
      file: avroSchema,
      cause: error,
    });
  }
}
