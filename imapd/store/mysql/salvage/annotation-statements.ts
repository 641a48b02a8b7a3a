import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { SERVER } from '../../annotations.ts';
import type { AnnotationStatements, Found, TailAnnotation } from '../../salvage/salvage-statements.ts';
import { batch, type Connection, rows, type Statement } from '../connection.ts';
import { lockOwner, lockReaders } from '../operations/lock-slots.ts';
import { sendInPackets } from '../operations/packets.ts';
import { sql } from '../sql.ts';

export const annotationStatements: AnnotationStatements<Connection> = {
  exist: async () => true,

  async page(source, { since, after: [mailbox, reader, entry], most }) {
    const box = uuidOctets(mailbox);
    const found = await rows<TailAnnotation>(source, {
      name: 'salvage-annotations',
      ...sql`SELECT a.mailbox, a.reader, a.entry, a.value, m.owner, m.name FROM (
          SELECT k.mailbox, k.reader, k.entry FROM annotation k
          WHERE k.modified_at >= ${since} AND (k.mailbox > ${box} OR k.mailbox = ${box}
            AND (k.reader > ${reader} OR k.reader = ${reader} AND k.entry > ${entry}))
          ORDER BY k.mailbox, k.reader, k.entry LIMIT ${most}
        ) p JOIN annotation a ON a.mailbox = p.mailbox AND a.reader = p.reader AND a.entry = p.entry
        LEFT JOIN mailbox m ON m.id = a.mailbox`,
    });
    // Here, for a sort of the server's has only so much room for values.
    return found.sort((a, b) => compareKeys([a.mailbox, a.reader, a.entry], [b.mailbox, b.reader, b.entry]));
  },

  async insert(tx, annotations, { found, began }) {
    const placed = await placesOf(tx, annotations, found);
    const known = await knownReaders(tx, placed);
    const brought = placed
      .filter(known)
      .sort((a, b) => compareKeys([a.place, a.reader, a.entry], [b.place, b.reader, b.entry]));
    await sendInPackets(tx, brought.map(insertStatement(began)));
  },
};

/** `place`: the mailbox here, or the server. */
type Placed = Pick<TailAnnotation, 'reader' | 'entry' | 'value'> & { readonly place: string };
type Key = readonly [place: string, reader: string, entry: string];

/** As the key has them: by their octets. */
const compareKeys = (a: Key, b: Key): number =>
  a.map((part, i) => Buffer.compare(Buffer.from(part), Buffer.from(b[i] ?? ''))).find((order) => order !== 0) ?? 0;

type Mailbox = { readonly id: string; readonly owner: string; readonly name: string };
const nameOf = (owner: string | null, name: string | null): string => JSON.stringify([owner, name]);

/** Of those whose mailbox is here. Until COMMIT nobody removes it: nobody would collect them then. */
async function placesOf(
  tx: Connection,
  annotations: readonly TailAnnotation[],
  found: Found,
): Promise<readonly Placed[]> {
  const mailboxes = [...new Set(annotations.map(({ mailbox }) => mailbox))].filter((id) => id !== SERVER);
  if (found === 'id') {
    const locked = new Set((await lockMailboxes(tx, mailboxes)).map(({ id }) => id));
    return annotations.flatMap((each) =>
      locked.has(each.mailbox) || each.mailbox === SERVER ? [{ ...each, place: each.mailbox }] : [],
    );
  }
  const named = await lockNamed(tx, annotations);
  const here = await existing(tx, mailboxes);
  return annotations.flatMap((each) => {
    const place = named.get(nameOf(each.owner, each.name));
    return place === undefined || here.has(each.mailbox) ? [] : [{ ...each, place }];
  });
}

async function lockMailboxes(tx: Connection, ids: readonly string[]): Promise<readonly Mailbox[]> {
  if (ids.length === 0) return [];
  return await rows<Mailbox>(tx, {
    name: 'salvage-lock-mailboxes',
    // By the key and in its order, like everywhere.
    text: 'SELECT id, owner, name FROM mailbox FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE',
    values: [ids.map(uuidOctets)],
  });
}

/** Mailboxes of these names, whose owners are locked: nobody gives a name to another. */
async function lockNamed(tx: Connection, annotations: readonly TailAnnotation[]): Promise<ReadonlyMap<string, string>> {
  const byOwner = [...Map.groupBy(annotations, ({ owner }) => owner)].flatMap(([owner, of]) =>
    owner === null ? [] : [{ owner, names: [...new Set(of.map(({ name }) => name))] }],
  );
  if (byOwner.length === 0) return new Map();
  await lockOwner(tx, ...byOwner.map(({ owner }) => owner));
  const asked = byOwner.map(({ owner, names }) => ({
    name: 'salvage-named',
    text: 'SELECT id FROM mailbox WHERE owner = ? AND name IN (?)',
    values: [owner, names],
  }));
  const there = (await sendInPackets(tx, asked)).flat() as readonly Pick<Mailbox, 'id'>[];
  const locked = await lockMailboxes(
    tx,
    there.map(({ id }) => id),
  );
  return new Map(locked.map(({ id, owner, name }) => [nameOf(owner, name), id]));
}

/** One that has gone does not come again. */
async function existing(tx: Connection, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await rows<{ id: string }>(tx, {
    name: 'salvage-existing-mailboxes',
    text: 'SELECT id FROM mailbox WHERE id IN (?)',
    values: [ids.map(uuidOctets)],
  });
  return new Set(found.map(({ id }) => id));
}

/**
 * Tells of whom it may be brought. Whoever removes one of them forgets what there is behind this lock (`forget`), and so what is written
 * under it.
 */
async function knownReaders(tx: Connection, placed: readonly Placed[]): Promise<(each: Placed) => boolean> {
  const readers = [...new Set(placed.map(({ reader }) => reader))].filter((reader) => reader !== '');
  await lockReaders(tx, readers);
  const places = [...new Set(placed.map(({ place }) => place))].map(uuidOctets);
  const [accounts, guests, others] = (await batch(tx, [
    { name: 'salvage-accounts-known', text: 'SELECT name FROM account WHERE name IN (?)', values: [readers] },
    {
      name: 'salvage-guests',
      text: 'SELECT mailbox, identifier FROM acl WHERE mailbox IN (?) AND identifier IN (?)',
      values: [places, readers],
    },
    {
      name: 'salvage-readers',
      text: "SELECT DISTINCT reader FROM annotation WHERE reader IN (?) AND reader <> ''",
      values: [readers],
    },
  ])) as [{ name: string }[], { mailbox: string; identifier: string }[], { reader: string }[]];
  const known = new Set(['', ...accounts.map(({ name }) => name), ...others.map(({ reader }) => reader)]);
  const named = new Set(guests.map(({ mailbox, identifier }) => nameOf(mailbox, identifier)));
  return ({ place, reader }) => known.has(reader) || named.has(nameOf(place, reader));
}

/** One a statement: values are large. */
const insertStatement =
  (began: Date) =>
  ({ place, reader, entry, value }: Placed): Statement => ({
    name: 'salvage-annotation-insert',
    // From left to right: the time last.
    ...sql`INSERT INTO annotation (mailbox, reader, entry, value)
      VALUES (${uuidOctets(place)}, ${reader}, ${entry}, ${value})
      ON DUPLICATE KEY UPDATE value = IF(modified_at < ${began}, VALUES(value), value),
        modified_at = IF(modified_at < ${began}, CURRENT_TIMESTAMP(6), modified_at)`,
  });
