/** A reporter for node:test that writes the counts of a whole run as one JSON object, for `.ci/run` to add up. */
import type { TestEvent } from "node:test/reporters";

export default async function* countReporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  for await (const event of source) {
    if (event.type !== "test:summary") continue;
    const { file, counts } = event.data;
    // Each file has a summary too; the whole run's has no file.
    if (file !== undefined) continue;
    const { tests, passed, skipped, todo } = counts;
    // What neither passed nor was set aside has failed: also a test that was cancelled, by a hook or by time.
    yield `${JSON.stringify({ passed, failed: tests - passed - skipped - todo, skipped })}\n`;
  }
}
