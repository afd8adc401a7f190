import { readFileSync } from "node:fs";

/** The version of this Landfall, from its package.json. */
export function landfallVersion(): string {
  for (const place of ["../../package.json", "../../../package.json"]) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), "utf8");
      const { name, version } = JSON.parse(text) as { name?: string; version?: string };
      if (name === "landfall" && version !== undefined) return version;
    } catch {
      // The compiled files lie one folder deeper than the sources.
    }
  }
  return "unknown";
}
