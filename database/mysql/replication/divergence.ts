import { holdsPosition } from '../../position.ts';
import { parseMariadbPosition, reachesMariadb } from '../gtid/mariadb-position.ts';
import { ofSources, parseGtidSet, subtractGtids } from '../gtid/mysql-set.ts';

/**
 * A row of `repository_epoch`: under which epoch what follows was written, and where the log of the new primary stood before that row.
 */
export type Stamp = { readonly epoch: number; readonly position: string };

/** What a member has. `exact` false: at least so much; there may be more that has not been applied. */
export type OwnEnd = {
  readonly systemIdentifier: string;
  /** The highest in its own data; 0: none yet. */
  readonly epoch: number;
  readonly position: string;
  readonly exact: boolean;
};

export type UpstreamLog = {
  readonly systemIdentifier: string;
  /** Of all epochs in its data, in any order. */
  readonly stamps: readonly Stamp[];
  readonly position: string;
  /**
   * Where commits wait there for their replicas: who writes them, `server_id` or `server_uuid`. Replicas have them, and nobody sees
   * them there yet: neither an epoch, nor, on MySQL, that they are in the log.
   */
  readonly writer: string | null;
};

/**
 * Whether a member may go on from `upstream`: its transactions must be a beginning of the upstream's. These servers have no timelines.
 * MariaDB would not even notice: it finds a transaction by domain, server and number, and a server that is made anew under its old
 * number writes the numbers of its lost tail a second time. So the epoch is the timeline: a member whose last epoch was left at
 * some position must not have more than that.
 *
 *   old a    epoch 1 ─── 0-1-100 ─── 0-1-105                           (lost tail)
 *   b                       └── epoch 2 ─── 0-2-103
 *   new a                                      └── epoch 3 ─── 0-1-106
 *
 * That the upstream holds everything is asked too: of MySQL, where no server is ever given the uuid of another, it says as much alone.
 */
export function divergence(own: OwnEnd, upstream: UpstreamLog): 'follows' | 'diverged' | 'unknown' {
  if (isBeingWritten(own, upstream)) return own.exact ? 'follows' : 'unknown';
  if (own.systemIdentifier !== upstream.systemIdentifier) return 'diverged';
  const left = whereLeft(own.epoch, upstream);
  if (left === null) return 'diverged';
  if (![left, upstream.position].every((end) => isBeginning(own.position, end))) return 'diverged';
  return own.exact ? 'follows' : 'unknown';
}

/** Whether what the member has more than the upstream shows is what the upstream is writing. */
function isBeingWritten(own: OwnEnd, { systemIdentifier, stamps, position, writer }: UpstreamLog): boolean {
  if (writer === null || (systemIdentifier !== '' && systemIdentifier !== own.systemIdentifier)) return false;
  if (own.position.includes(':')) {
    const more = subtractGtids(parseGtidSet(own.position), parseGtidSet(position));
    return more.size > 0 && subtractGtids(more, ofSources(more, [writer])).size === 0;
  }
  if (own.position === '' || stamps.some(({ epoch }) => epoch >= own.epoch)) return false;
  const [mine, theirs] = [parseMariadbPosition(own.position), parseMariadbPosition(position)];
  return reachesMariadb(theirs, mine) && [...mine.values()].every(({ server }) => String(server) === writer);
}

/** Where the upstream's history went on under the next epoch, or stands if none came; null: the epoch is none of its. */
function whereLeft(epoch: number, { stamps, position }: UpstreamLog): string | null {
  if (epoch > 0 && !stamps.some((stamp) => stamp.epoch === epoch)) return null;
  const [next] = stamps.filter((stamp) => stamp.epoch > epoch).toSorted((a, b) => a.epoch - b.epoch);
  return next?.position ?? position;
}

/** Where the histories of a member and of the upstream parted, as far as the epochs that both have tell. */
export function whereParted(epoch: number, upstream: UpstreamLog): string {
  const common = upstream.stamps.filter((stamp) => stamp.epoch <= epoch).map((stamp) => stamp.epoch);
  return whereLeft(Math.max(0, ...common), upstream) ?? upstream.position;
}

const isBeginning = (own: string, end: string): boolean => holdsPosition(end, own) && !isForked(own, end);

/** Whether both end with the same number, given by two servers. */
function isForked(own: string, end: string): boolean {
  if (`${own}${end}`.includes(':') || own === '') return false;
  const ends = parseMariadbPosition(end);
  return [...parseMariadbPosition(own).values()].some(({ domain, server, number }) => {
    const last = ends.get(domain);
    return last?.number === number && last.server !== server;
  });
}
