/** What `import "landfall"` and `import "landfall/delta"` offer, each as one sorted list: a change of it is a change of its page. */
import { publicTypes, withoutComments, type PublicModule, type PublicType } from "./public-types.ts";

const HEADS: Readonly<Record<PublicModule, string>> = {
  index: `# The library's interface

<!-- Generated from the types of src/index.ts by \`node tools/docs.ts\`; change it there. -->

Every export of \`landfall\` with its type, so that a breaking change is seen in review. What each of them means stands in the types
themselves, where an editor shows it, and in [the guide](../guide/library.md). What \`landfall/delta\` exports: [api-report-delta.md](api-report-delta.md).
`,
  delta: `# The interface of landfall/delta

<!-- Generated from the types of src/delta.ts by \`node tools/docs.ts\`; change it there. -->

Every export of \`landfall/delta\` with its type, so that a breaking change is seen in review. What each of them means stands in the types
themselves, where an editor shows it, and in [the guide](../guide/delta-for-node.md).
`,
};

export function apiReportPage(module: PublicModule): string {
  const types = publicTypes(module);
  const exported = types.filter(({ isExported }) => isExported);
  const named = types.filter(({ isExported }) => !isExported);
  return `${HEADS[module]}
${exported.map(entry).join("\n")}
## Named by them, not exported

${named.map(entry).join("\n")}`;
}

function entry({ name, text }: PublicType): string {
  return `### ${name}\n\n\`\`\`ts\n${withoutComments(text)}\n\`\`\`\n`;
}
