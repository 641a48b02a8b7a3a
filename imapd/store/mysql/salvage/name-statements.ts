import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Made, NameStatements, TailAccount, TailSubscription } from '../../salvage/salvage-statements.ts';
import { type Connection, rows, type Statement } from '../connection.ts';
import { lockOwner } from '../operations/lock-slots.ts';
import { sendInPackets } from '../operations/packets.ts';
import { join, type Sql, sql } from '../sql.ts';
import { groupsOf, groupsText } from '../words.ts';
import { findInSlices, slices } from './slices.ts';

export const nameStatements: NameStatements<Connection> = {
  async tailAccounts(source, since) {
    const found = await rows<AccountColumns>(source, {
      name: 'salvage-accounts',
      text: `SELECT name, password_hash AS passwordHash, created_at AS createdAt, scram_keys AS scramKeys,
          scram_of AS scramOf, CAST(quota_storage AS CHAR) AS storage, CAST(quota_messages AS CHAR) AS messages,
          CAST(quota_mailboxes AS CHAR) AS mailboxes, admin, in_groups
        FROM account WHERE created_at >= ? ORDER BY name`,
      values: [since],
    });
    return found.map(({ storage, messages, mailboxes, admin, in_groups, ...row }) => ({
      ...row,
      limits: [storage, messages, mailboxes],
      admin: admin !== 0,
      groups: groupsOf(in_groups),
    }));
  },

  async insertAccounts(tx, accounts) {
    const names = accounts.map(({ name }) => name);
    // Whoever makes one has done so by then: no statement tells how many rows were new.
    await lockOwner(tx, ...names);
    const there = await existingAccounts(tx, names);
    const missing = accounts.filter(({ name }) => !there.has(name));
    await sendInPackets(tx, slices(missing).map(insertAccounts));
    return missing.length;
  },

  tailSubscriptions: (source, since) =>
    rows<TailSubscription>(source, {
      name: 'salvage-subscriptions',
      text: 'SELECT owner, name FROM subscription WHERE subscribed_at >= ? ORDER BY owner, name',
      values: [since],
    }),

  async insertSubscriptions(tx, subscriptions) {
    const byOwner = [...Map.groupBy(subscriptions, ({ owner }) => owner)];
    const asked = byOwner.flatMap(([owner, of]) => slices(of).map((some) => findSubscribed(owner, some)));
    const there = (await sendInPackets(tx, asked)).flat() as readonly TailSubscription[];
    const known = new Set(there.map(keyOf));
    const missing = subscriptions.filter((each) => !known.has(keyOf(each)));
    await sendInPackets(tx, slices(missing).map(insertSubscriptions));
    return missing.length;
  },

  async accountsMade(source, range) {
    const statement = {
      name: 'salvage-unclear-accounts',
      ...sql`SELECT name FROM account WHERE ${made(range)} ORDER BY name`,
    };
    return (await rows<{ name: string }>(source, statement)).map(({ name }) => name);
  },

  mailboxesMade: (source, range) =>
    rows<{ id: string; owner: string; name: string }>(source, {
      name: 'salvage-unclear-mailboxes',
      ...sql`SELECT id, owner, name FROM mailbox WHERE ${made(range)} ORDER BY owner, name`,
    }),

  existingAccounts,

  async knownMailboxes(c, ids) {
    const found: { id: string }[] = [];
    for (const table of ['mailbox', 'removed_mailbox']) {
      const statement = (some: readonly string[]): Statement => ({
        name: 'salvage-known-mailboxes',
        text: `SELECT id FROM ${table} WHERE id IN (?)`,
        values: [some.map(uuidOctets)],
      });
      found.push(...(await findInSlices<{ id: string }>(c, ids, statement)));
    }
    return new Set(found.map(({ id }) => id));
  },
};

type AccountColumns = Omit<TailAccount, 'limits' | 'admin' | 'groups'> & {
  readonly storage: string | null;
  readonly messages: string | null;
  readonly mailboxes: string | null;
  readonly admin: number;
  readonly in_groups: Buffer;
};

async function existingAccounts(c: Connection, names: readonly string[]): Promise<ReadonlySet<string>> {
  const asked = slices(names).map((some) => ({
    name: 'salvage-existing-accounts',
    text: 'SELECT name FROM account WHERE name IN (?)',
    values: [some],
  }));
  const found = (await sendInPackets(c, asked)).flat() as readonly { readonly name: string }[];
  return new Set(found.map(({ name }) => name));
}

const insertAccounts = (accounts: readonly TailAccount[]): Statement => {
  const each = accounts.map(
    ({ name, passwordHash, createdAt, scramKeys, scramOf, limits: [storage, messages, mailboxes], admin, groups }) =>
      sql`(${name}, ${passwordHash}, ${createdAt}, ${scramKeys}, ${scramOf},
        ${storage}, ${messages}, ${mailboxes}, ${admin}, ${groupsText(groups)})`,
  );
  return {
    name: 'salvage-accounts-insert',
    ...sql`INSERT INTO account (name, password_hash, created_at, scram_keys, scram_of,
        quota_storage, quota_messages, quota_mailboxes, admin, in_groups) VALUES ${join(each, ', ')}`,
  };
};

const keyOf = ({ owner, name }: TailSubscription): string => JSON.stringify([owner, name]);

const findSubscribed = (owner: string, of: readonly TailSubscription[]): Statement => ({
  name: 'salvage-subscribed',
  text: 'SELECT owner, name FROM subscription WHERE owner = ? AND name IN (?)',
  values: [owner, of.map(({ name }) => name)],
});

const insertSubscriptions = (subscriptions: readonly TailSubscription[]): Statement => {
  const each = subscriptions.map(({ owner, name }) => sql`(${owner}, ${name})`);
  return {
    name: 'salvage-subscriptions-insert',
    ...sql`INSERT INTO subscription (owner, name) VALUES ${join(each, ', ')}
      ON DUPLICATE KEY UPDATE name = subscription.name`,
  };
};

const made = ({ since, until }: Made): Sql =>
  until === null ? sql`created_at >= ${since}` : sql`created_at >= ${since} AND created_at < ${until}`;
