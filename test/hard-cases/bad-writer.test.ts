import { test } from "node:test";
import { judgeBadWriter } from "../support/judge-bad-writer.ts";

test("whatever a writer does, each file stands in the table once, whole, as it was at one time", async (t) => {
  await judgeBadWriter(t, { rounds: 2, crowd: 1000 });
});
