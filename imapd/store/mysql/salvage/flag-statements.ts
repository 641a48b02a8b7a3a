import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { FlagRow, FlagStatements } from '../../salvage/salvage-statements.ts';
import { type Connection, rows, type Statement } from '../connection.ts';
import { addHit, countHit, countNone } from '../messages/counter-sql.ts';
import { sendInPackets } from '../operations/packets.ts';
import { sql } from '../sql.ts';

export const flagStatements: FlagStatements<Connection> = {
  page: (source, { mailbox, after, fork, most }) =>
    rows<FlagRow>(source, {
      name: 'salvage-flags-read',
      text: `SELECT uid, flags, CAST(keywords AS CHAR) AS keywords FROM message
        WHERE mailbox = ? AND uid > ? AND uid < ? AND modseq > ? ORDER BY uid LIMIT ?`,
      values: [uuidOctets(mailbox), after, fork.forkUidNext, fork.forkModSeq, most],
    }),

  async merge(tx, { mailbox, rows: flags, masks, forkModSeq }) {
    const found = await rows<FlagRow & { readonly modseq: number }>(tx, {
      name: 'salvage-flags-here',
      text: `SELECT uid, flags, CAST(keywords AS CHAR) AS keywords, modseq FROM message FORCE INDEX (PRIMARY)
        WHERE mailbox = ? AND uid IN (?)`,
      values: [uuidOctets(mailbox), flags.map(({ uid }) => uid)],
    });
    const untouched = new Map(found.filter(({ modseq }) => modseq <= forkModSeq).map((row) => [row.uid, row]));
    const wanted = flags.map(({ uid, flags: system }, i) => ({ uid, flags: system, keywords: masks[i] ?? '0' }));
    const hit = wanted.filter(({ uid, ...next }) => {
      const here = untouched.get(uid);
      return here !== undefined && (here.flags !== next.flags || here.keywords !== next.keywords);
    });
    if (hit.length > 0) await sendInPackets(tx, writeStatements(mailbox, hit));
    return { changed: hit.length, skipped: found.length - untouched.size };
  },
};

/** The mailbox row is locked, so they are as they were found. As many statements as there are sets of flags. */
function writeStatements(mailbox: string, hit: readonly FlagRow[]): readonly Statement[] {
  const box = sql`${uuidOctets(mailbox)}`;
  const sets = [...Map.groupBy(hit, ({ flags, keywords }) => `${flags} ${keywords}`).values()].map((of) => {
    const [{ flags, keywords } = { flags: 0, keywords: '0' }] = of;
    const which = sql`mailbox = ${box} AND uid IN (${of.map(({ uid }) => uid)})`;
    return { which, flags, keywords: BigInt(keywords) };
  });
  return [
    countNone,
    ...sets.map(({ which, flags }) => countHit(sql`message FORCE INDEX (PRIMARY) WHERE ${which}`, sql`${flags}`)),
    addHit(box),
    { name: 'salvage-modseq', ...sql`SELECT modseq INTO @modseq FROM mailbox WHERE id = ${box}` },
    ...sets.map(({ which, flags, keywords }) => ({
      name: 'salvage-flags-write',
      ...sql`UPDATE message FORCE INDEX (PRIMARY) SET flags = ${flags}, keywords = ${keywords}, modseq = @modseq
        WHERE ${which}`,
    })),
  ];
}
