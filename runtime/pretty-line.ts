/** A log line as pino wrote it. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Shown by pino-pretty itself, or in another way below. */
const SHOWN_ELSEWHERE = new Set(['level', 'time', 'pid', 'msg', 'program', 'member', 'pod', 'partition', 'todo']);
const dim = (text: string, colours: boolean): string => (colours ? `\u001b[2m${text}\u001b[22m` : text);

/**
 * A log line for people: who, what, the rest as `name=value`, and what has lines of its own (last words, a stack, advice)
 * below, indented.
 */
export function prettyLine(line: LogLine, colours: boolean): string {
  const fields: string[] = [];
  const below: string[] = [];
  for (const [name, value] of Object.entries(line)) {
    if (SHOWN_ELSEWHERE.has(name) || value === null) continue;
    const rows = rowsOf(value);
    if (rows === null) fields.push(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    else below.push(`${name}:`, ...rows.map((row) => `  ${row}`));
  }
  if (line.todo !== undefined) below.push(`→ ${line.todo}`);
  const head = `${whoOf(line)}: ${line.msg} ${dim(fields.join(' '), colours)}`.trimEnd();
  return [head, ...below].join('\n    ');
}

/** Of the many processes of a run, which one: `member users-0`, `imapd-1`, `operator`. */
function whoOf({ program, member, pod, partition }: LogLine): string {
  const place = program === 'member' ? `member ${member}` : String(pod ?? program);
  return partition === undefined || program === 'member' ? place : `${place} ${partition}`;
}

function rowsOf(value: unknown): readonly string[] | null {
  if (typeof value === 'string' && value.includes('\n')) return value.trimEnd().split('\n');
  return Array.isArray(value) && value.length > 0 ? value.map(String) : null;
}
