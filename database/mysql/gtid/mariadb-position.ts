/**
 * Global transaction identifiers of MariaDB, `D-S-N`: domain, server that wrote it, number in the domain. A position is the last one
 * of each domain, joined by commas; empty where nothing has been written. With `gtid_strict_mode` numbers of a domain only grow.
 * https://mariadb.com/docs/server/ha-and-performance/standard-replication/gtid
 */
export type MariadbGtid = { readonly domain: number; readonly server: number; readonly number: bigint };

/** By domain, in ascending order. */
export type MariadbPosition = ReadonlyMap<number, MariadbGtid>;

const GTID = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;

/** @throws RangeError for anything else, and for two of one domain: as the server, which refuses to go on from there */
export function parseMariadbPosition(text: string): MariadbPosition {
  const gtids = text.trim() === '' ? [] : text.split(',').map((part) => parseGtid(part.trim(), text));
  const found = new Map(gtids.toSorted((a, b) => a.domain - b.domain).map((gtid) => [gtid.domain, gtid]));
  if (found.size < gtids.length) throw new RangeError(`two of one domain: ${JSON.stringify(text)}`);
  return found;
}

function parseGtid(part: string, text: string): MariadbGtid {
  const match = GTID.exec(part);
  if (match === null) throw new RangeError(`not a position of MariaDB: ${JSON.stringify(text)}`);
  return { domain: Number(match[1]), server: Number(match[2]), number: BigInt(match[3] ?? 0) };
}

export const printMariadbPosition = (position: MariadbPosition): string =>
  [...position.values()].map(({ domain, server, number }) => `${domain}-${server}-${number}`).join(',');

/**
 * Whether `a` has reached what `b` has, in every domain. Only within one history: the lost tail of an old primary and what the new one
 * wrote in its place have the same numbers, and may even come from one server.
 */
export const reachesMariadb = (a: MariadbPosition, b: MariadbPosition): boolean =>
  [...b.values()].every(({ domain, number }) => (a.get(domain)?.number ?? 0n) >= number);

/** Grows with every transaction: the numbers of all domains together. */
export const mariadbPositionNumber = (position: MariadbPosition): bigint =>
  [...position.values()].reduce((sum, { number }) => sum + number, 0n);
