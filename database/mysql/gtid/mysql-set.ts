/**
 * Sets of MySQL's global transaction identifiers: `uuid:1-5:7, other:1-3`, with tags since 8.3: `uuid:1-5:tag:1-3`. The uuid is that
 * of the server that wrote the transaction first. https://dev.mysql.com/doc/refman/9.4/en/replication-gtids-concepts.html
 */
export type GtidInterval = { readonly first: bigint; readonly last: bigint };

/** By source: `uuid`, or `uuid:tag`. Intervals ascend, and neither touch nor overlap; no source is without any. */
export type GtidSet = ReadonlyMap<string, readonly GtidInterval[]>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const INTERVAL = /^(\d{1,19})(?:-(\d{1,19}))?$/;

/**
 * Takes what a server prints, line breaks and all, in any order.
 *
 * @throws RangeError for anything else; servers take a source without numbers as well, but never print one
 */
export function parseGtidSet(text: string): GtidSet {
  const bySource = new Map<string, GtidInterval[]>();
  const groups = text.trim() === '' ? [] : text.split(',').map((group) => group.trim().toLowerCase());
  for (const group of groups) {
    for (const [source, interval] of intervalsIn(group) ?? notASet(text))
      bySource.set(source, [...(bySource.get(source) ?? []), interval]);
  }
  return setOf([...bySource].map(([source, intervals]) => [source, joined(intervals)]));
}

function notASet(text: string): never {
  throw new RangeError(`not a GTID set of MySQL: ${JSON.stringify(text)}`);
}

/** Of one uuid, each with its source; null where something else is in it. A tag goes for all that follow. */
function intervalsIn(group: string): readonly (readonly [string, GtidInterval])[] | null {
  const [uuid = '', ...parts] = group.split(':').map((part) => part.trim());
  if (!UUID.test(uuid) || !INTERVAL.test(parts.at(-1) ?? '')) return null;
  const found: [string, GtidInterval][] = [];
  let source = uuid;
  for (const part of parts) {
    const interval = parseInterval(part);
    if (interval !== null) found.push([source, interval]);
    else if (TAG.test(part)) source = `${uuid}:${part}`;
    else return null;
  }
  return found;
}

function parseInterval(part: string): GtidInterval | null {
  const match = INTERVAL.exec(part);
  if (match === null) return null;
  const first = BigInt(match[1] ?? 0);
  const last = match[2] === undefined ? first : BigInt(match[2]);
  return first >= 1n && last >= first ? { first, last } : null;
}

/** As a server prints it, without its line breaks. */
export function printGtidSet(set: GtidSet): string {
  let [text, before] = ['', ''];
  for (const [source, intervals] of set) {
    const [uuid = '', tag] = source.split(':');
    const name = tag === undefined ? '' : `:${tag}`;
    const head = uuid === before ? '' : `${text === '' ? '' : ','}${uuid}`;
    text += `${head}${name}:${intervals.map(printInterval).join(':')}`;
    before = uuid;
  }
  return text;
}

const printInterval = ({ first, last }: GtidInterval): string => (first === last ? `${first}` : `${first}-${last}`);

export const unionOf = (a: GtidSet, b: GtidSet): GtidSet =>
  setOf([...new Set([...a.keys(), ...b.keys()])].map((key) => [key, joined([...at(a, key), ...at(b, key)])]));

/** What `a` has and `b` has not. */
export const subtractGtids = (a: GtidSet, b: GtidSet): GtidSet =>
  setOf([...a].map(([source, intervals]) => [source, intervals.flatMap((each) => without(each, at(b, source)))]));

/** Whether `a` has all that `b` has. */
export const containsGtids = (a: GtidSet, b: GtidSet): boolean => subtractGtids(b, a).size === 0;

export const countGtids = (set: GtidSet): bigint =>
  [...set.values()].flat().reduce((sum, { first, last }) => sum + last - first + 1n, 0n);

/** Those that were written first by one of `uuids`, whatever their tags. */
export const ofSources = (set: GtidSet, uuids: readonly string[]): GtidSet =>
  setOf([...set].filter(([source]) => uuids.some((uuid) => source.startsWith(uuid))));

const at = (set: GtidSet, source: string): readonly GtidInterval[] => set.get(source) ?? [];

/** In the server's order: by uuid, of which those without a tag come first. */
const setOf = (entries: readonly (readonly [string, readonly GtidInterval[]])[]): GtidSet =>
  new Map(entries.filter(([, intervals]) => intervals.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function joined(intervals: readonly GtidInterval[]): readonly GtidInterval[] {
  const result: GtidInterval[] = [];
  for (const next of intervals.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    const last = result.at(-1);
    if (last === undefined || next.first > last.last + 1n) result.push(next);
    else if (next.last > last.last) result[result.length - 1] = { first: last.first, last: next.last };
  }
  return result;
}

/** `cuts` ascend. */
function without({ first, last }: GtidInterval, cuts: readonly GtidInterval[]): GtidInterval[] {
  const left: GtidInterval[] = [];
  let from = first;
  for (const cut of cuts) {
    if (cut.last < from || cut.first > last) continue;
    if (cut.first > from) left.push({ first: from, last: cut.first - 1n });
    from = cut.last + 1n;
  }
  return from > last ? left : [...left, { first: from, last }];
}
