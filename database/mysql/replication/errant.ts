import { type MariadbGtid, parseMariadbPosition } from '../gtid/mariadb-position.ts';
import { countGtids, parseGtidSet, printGtidSet, subtractGtids } from '../gtid/mysql-set.ts';
import { type OwnEnd, type UpstreamLog, whereParted } from './divergence.ts';

/** Characters of the list. */
const LONGEST = 300;

/**
 * What a member has and its upstream has not (errant transactions), for people: `2 transactions: 0-1-104 to 0-1-105`. MySQL can tell by
 * the two sets; of MariaDB it is what lies behind the position where the two parted. null: nothing of that kind.
 */
export function errantOf(own: OwnEnd, upstream: UpstreamLog): string | null {
  // Another repository's, as a whole: which of it is errant nobody can say.
  if (own.systemIdentifier !== upstream.systemIdentifier || own.position === '') return null;
  const { count, list } = own.position.includes(':') ? ofSets(own, upstream) : ofDomains(own, upstream);
  if (count === 0n) return null;
  return `${count} transaction${count === 1n ? '' : 's'}: ${shortened(list)}`;
}

type Errant = { readonly count: bigint; readonly list: readonly string[] };

function ofSets(own: OwnEnd, upstream: UpstreamLog): Errant {
  const set = subtractGtids(parseGtidSet(own.position), parseGtidSet(upstream.position));
  return { count: countGtids(set), list: printGtidSet(set).split(',') };
}

function ofDomains(own: OwnEnd, upstream: UpstreamLog): Errant {
  const parted = parseMariadbPosition(whereParted(own.epoch, upstream));
  const beyond = [...parseMariadbPosition(own.position).values()].map((last) => ({
    last,
    count: beyondIn(last, parted.get(last.domain)),
  }));
  const errant = beyond.filter(({ count }) => count > 0n);
  return { count: errant.reduce((sum, { count }) => sum + count, 0n), list: errant.map(printed) };
}

/** Of one number, given by two servers, each has its own. */
function beyondIn(last: MariadbGtid, parted: MariadbGtid | undefined): bigint {
  const count = last.number - (parted?.number ?? 0n);
  return count === 0n && last.server !== parted?.server ? 1n : count;
}

function printed({ last, count }: { readonly last: MariadbGtid; readonly count: bigint }): string {
  const { domain, server, number } = last;
  const end = `${domain}-${server}-${number}`;
  return count === 1n ? end : `${domain}-${server}-${number - count + 1n} to ${end}`;
}

/** As many of them as there is room for, the last of which may be cut off. */
function shortened(list: readonly string[]): string {
  const text = list.join(', ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} …`;
}
