import type { RebuildReason } from '../engine.ts';

/** Messages of the server (in English: `lc_messages = C`) after which a replica cannot go on by itself. */
const verdicts: readonly (readonly [RegExp, RebuildReason])[] = [
  [/requested WAL segment \S+ has already been removed/, 'LogRemoved'],
  [/can no longer (?:get changes from|access) replication slot/, 'LogRemoved'],
  [/replication slot "[^"]+" (?:has been invalidated|is invalidated)/, 'LogRemoved'],
  [/forked off current database system timeline \d+ before current recovery point/, 'Diverged'],
  [/requested timeline \d+ is not a child of this server's history/, 'Diverged'],
  [/highest timeline \d+ of the primary is behind recovery timeline \d+/, 'Diverged'],
  [/database system identifier differs between the primary and standby/, 'Diverged'],
  [/requested starting point \S+ is ahead of the WAL flush position of this server/, 'Diverged'],
  [/requested starting point \S+ on timeline \d+ is not in this server's history/, 'Diverged'],
];

export function verdictOfLine(line: string): RebuildReason | null {
  return verdicts.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

/** Process of the receiver that tells in this line that its upstream has begun to send; null for any other line. */
export function receiverStartedBy(line: string): number | null {
  const match = /\[(\d+)\] LOG: {2}(?:started streaming WAL from primary|restarted WAL streaming) at/.exec(line);
  return match === null ? null : Number(match[1]);
}
