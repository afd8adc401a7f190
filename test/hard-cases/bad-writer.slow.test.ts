/** The long run against the bad writer; by hand longer still: LANDFALL_WRITER_ROUNDS=200 (about a minute for fifty), LANDFALL_SEED. */
import { test } from "node:test";
import { judgeBadWriter } from "../support/judge-bad-writer.ts";

test("whatever a writer does for half a minute, each file stands in the table once, whole, as it was at one time", async (t) => {
  const rounds = Number(process.env["LANDFALL_WRITER_ROUNDS"] ?? 16);
  await judgeBadWriter(t, { rounds, crowd: 20_000 });
});
