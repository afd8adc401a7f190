/** What a command printed, compared with what a page shows of it. */

/**
 * The text without what differs from one run to the next: the scratch folder is `/data`; ids, times, durations, rates and process
 * numbers are words in `<>`; columns have two blanks between them, however wide they are.
 */
export function steadyText(text: string, folder: string): string {
  return text
    .replaceAll(folder, "/data")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/\b[\w.]+-[0-9a-f]{8}\b/g, "<name-hash>")
    .replaceAll(/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?/g, "<time>")
    .replaceAll(/\b[\d.]+ [KMG]?B\/s/g, "<rate>")
    .replaceAll(/\b(?:\d+ min )?\d+(?:\.\d+)? (?:ms|s|h)\b/g, "<duration>")
    .replaceAll(/<duration> ago|\bjust now\b/g, "<ago>")
    .replaceAll(/\bprocess \d+ on \S+,/g, "process <number> on <host>,")
    .replaceAll(/ {3,}/g, "  ")
    .replaceAll(/─{3,}/g, "──")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}

/** `…` in what a page shows stands for any text of a line; alone on a line, for any lines. Both texts are steady. */
export function isShownAs(printed: string, shown: string): boolean {
  const lines = shown.split("\n").map((line) => {
    if (line.trim() === "…") return "(?:.*\\n)*?";
    return `${line.split("…").map(escaped).join(".*")}\\n`;
  });
  return new RegExp(`^${lines.join("")}$`).test(`${printed}\n`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
