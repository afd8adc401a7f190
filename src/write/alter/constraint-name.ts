import { LandfallError } from "../../base/landfall-error.ts";

/** The table property of a CHECK constraint. Spark writes names in lower case, and looks them up so. @throws LandfallError USAGE */
export function constraintProperty(name: string): string {
  if (name.trim() === "")
    throw new LandfallError("USAGE", {
      message: "A constraint has no name.",
      hint: "Give it one: messages about rows that break it say it.",
    });
  return `delta.constraints.${name.toLowerCase()}`;
}
