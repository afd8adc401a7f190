/** The table feature or property that a judge's refusal names. */

/** PROTOCOL.md, "Valid Feature Names in Table Features", and what judges write for them. */
const NAMED: readonly (readonly [name: string, words: RegExp])[] = [
  ["columnMapping", /column ?mapping/i],
  ["deletionVectors", /deletion ?vectors/i],
  ["changeDataFeed", /change ?data ?feed/i],
  ["typeWidening", /type ?widening/i],
  ["identityColumns", /identity ?columns?/i],
  ["generatedColumns", /generated ?columns?/i],
  ["allowColumnDefaults", /column ?defaults/i],
  ["checkConstraints", /check ?constraints/i],
];

/** The judge's own words where it names none. */
export function whatWasNamed(error: unknown): string {
  const { message } = error as Error;
  const named = NAMED.filter(([, words]) => words.test(message)).map(([name]) => name);
  return named.length > 0 ? named.join(", ") : message.split("\n")[0]!.slice(0, 300);
}
