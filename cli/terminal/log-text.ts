import { prettyLine } from '#runtime/pretty-line.ts';

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };

/** A line of JSON for people, as `createLogger` shows it on a terminal; anything else as it is. */
export function logText(line: string, colours = process.stdout.isTTY === true): string {
  const entry = parsed(line);
  if (entry === null) return line;
  const { time, level } = entry;
  const moment = typeof time === 'number' ? new Date(time).toISOString() : '-';
  return `${moment} ${(LEVELS[Number(level)] ?? String(level)).padEnd(5)} ${prettyLine(entry, colours)}`;
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'msg' in value ? (value as Record<string, unknown>) : null;
  } catch {
    // A line of a database server, or one that was cut.
    return null;
  }
}
