import { type Code, type CodeEntry, codes } from '#runtime/error-codes.ts';
import { generatedFrom, markdownTable } from './markdown.ts';

/** Whether a code has a page in docs/runbooks. */
export const hasRunbook = ({ severity }: CodeEntry): boolean => severity !== 'info';

/** docs/reference/codes.md */
export function codesPage(): string {
  return `${generatedFrom(['runtime/error-codes.ts'])}
# Codes

A code is the \`code\` of a log line, the reason of an event or condition, and the name of a runbook. Warnings
and errors have a [runbook](../runbooks/README.md), the others a few words among the [notices](../runbooks/notices.md). What else may be the reason of a condition: [conditions](conditions.md).

${markdownTable(['code', 'severity', 'what happened', 'what to do'], Object.entries(codes).map(codeRow))}
`;
}

function codeRow([name, entry]: [string, CodeEntry]): readonly string[] {
  const page = hasRunbook(entry) ? `${name}.md` : `notices.md#${name.toLowerCase()}`;
  return [`[${name}](../runbooks/${page})`, entry.severity, entry.what, entry.todo ?? ''];
}

/** Codes that need a runbook, in the order of the table. */
export const codesWithRunbook = (): readonly Code[] =>
  (Object.keys(codes) as Code[]).filter((name) => hasRunbook(codes[name]));
