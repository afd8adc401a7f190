/** From what was read to a pipeline that can run; mistakes are reported together. */
import { readFileSync } from "node:fs";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { LoadedDeclaration } from "../declaration/check-written.ts";
import type { Pipeline } from "../declaration/declaration.ts";
import { formatProblems } from "../declaration/problem.ts";
import { isSchemaText } from "../formats/avro-options.ts";

/** @throws LandfallError DECLARATION_INVALID */
export function loadedPipeline(
  loaded: LoadedDeclaration,
  origin: { readonly file: string; readonly text: string },
): Pipeline {
  if (loaded.pipeline !== undefined) return withAvroSchema(loaded.pipeline);
  const count = loaded.problems.length;
  throw new LandfallError("DECLARATION_INVALID", {
    message: `${count === 1 ? "There is a mistake" : `There are ${count} mistakes`} in ${origin.file === "" ? "the options" : "the declaration"}:\n${formatProblems(loaded.problems, origin)}`,
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
