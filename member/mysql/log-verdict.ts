import { rebuildFor } from '#database/mysql/replication/verdict.ts';
import type { RebuildReason } from '../engine.ts';

/** Lines of both halves of a replication, of whichever of the two servers. */
const OF_REPLICATION = /\b(?:Slave|Replica) (?:I\/O|SQL)\b/;
/** `Internal MariaDB error code: 1236`, `Error_code: MY-013114`. */
const NUMBER = /(?:Internal MariaDB error code: |Error_code: (?:MY-)?0*)(\d+)/;

/** Why a replica cannot go on by itself, where a line of its server's log says so. */
export function verdictOfLine(line: string): RebuildReason | null {
  if (!OF_REPLICATION.test(line)) return null;
  const errno = Number(NUMBER.exec(line)?.[1] ?? 0);
  return errno === 0 ? null : rebuildFor({ errno, message: line });
}
