import { holdsPosition } from '../../position.ts';

/** One file of a binary log. */
export type LogFile = {
  readonly name: string;
  readonly bytes: number;
  /** Position at which it begins; null: the server does not tell. */
  readonly begin: string | null;
};

export type PurgeOptions = {
  /** How far each of those has received for whom log is kept; null: not known. */
  readonly received: readonly (string | null)[];
  /** What is kept at most, whoever needs it, beside the file that is being written. */
  readonly retainBytes: number;
};

/**
 * Which file of the log, the oldest first, is to be the oldest from now on: nobody needs what is before it. null: all stay. The last
 * one is being written and always stays.
 */
export function firstToKeep(files: readonly LogFile[], { received, retainBytes }: PurgeOptions): string | null {
  const needed = files.findLastIndex(({ begin }) => begin !== null && received.every((at) => holds(at, begin)));
  const index = Math.max(needed, firstWithin(files, retainBytes));
  return index > 0 ? (files[index]?.name ?? null) : null;
}

const holds = (received: string | null, begin: string): boolean => received !== null && holdsPosition(received, begin);

function firstWithin(files: readonly LogFile[], retainBytes: number): number {
  let kept = 0;
  for (let index = files.length - 2; index >= 0; index -= 1) {
    kept += files[index]?.bytes ?? 0;
    if (kept > retainBytes) return index + 1;
  }
  return 0;
}
