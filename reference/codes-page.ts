import { type Code, type CodeEntry, codes } from '#runtime/error-codes.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

/** Whether a code has a page in docs/runbooks. */
export const hasRunbook = ({ severity }: CodeEntry): boolean => severity !== 'info';

/** docs/reference/codes.md */
export function codesPage(): string {
  return `${generatedFrom(['runtime/error-codes.ts'])}
# Codes

A code is the \`code\` of a log line, the reason of an event or condition, and the name of a runbook. "IMAP" is the response code
that a client sees with it. Warnings and errors have a [runbook](../runbooks/README.md).

${markdownTable(['code', 'severity', 'IMAP', 'what happened', 'what to do'], Object.entries(codes).map(codeRow))}
`;
}

function codeRow([name, entry]: [string, CodeEntry]): readonly string[] {
  const shown = hasRunbook(entry) ? `[${name}](../runbooks/${name}.md)` : code(name);
  return [shown, entry.severity, entry.imap === undefined ? '' : code(entry.imap), entry.what, entry.todo ?? ''];
}

/** Codes that need a runbook, in the order of the table. */
export const codesWithRunbook = (): readonly Code[] =>
  (Object.keys(codes) as Code[]).filter((name) => hasRunbook(codes[name]));
