import type { Made, NameStatements, TailAccount, TailSubscription } from '../../salvage/salvage-statements.ts';
import { type Connection, rows } from '../connection.ts';

export const nameStatements: NameStatements<Connection> = {
  /** The old primary may be of a schema that has no SCRAM keys, limits or groups yet. */
  tailAccounts: (source, since) =>
    rows<TailAccount>(source, {
      text: `SELECT name, password_hash AS "passwordHash", created_at AS "createdAt",
          to_jsonb(a) ->> 'scram_keys' AS "scramKeys", to_jsonb(a) ->> 'scram_of' AS "scramOf",
          ARRAY[to_jsonb(a) ->> 'quota_storage', to_jsonb(a) ->> 'quota_messages', to_jsonb(a) ->> 'quota_mailboxes'] AS limits,
          coalesce((to_jsonb(a) ->> 'admin')::boolean, false) AS admin,
          coalesce(to_jsonb(a) -> 'groups', '[]') AS groups
        FROM mail.account a WHERE created_at >= $1 ORDER BY name`,
      values: [since],
    }),

  async insertAccounts(tx, accounts) {
    const inserted = await rows(tx, {
      text: `INSERT INTO mail.account (name, password_hash, created_at, scram_keys, scram_of,
          quota_storage, quota_messages, quota_mailboxes, admin, groups)
        SELECT a.name, hash, made, keys, keys_of, storage, messages, mailboxes, admin,
          ARRAY(SELECT jsonb_array_elements_text(groups::jsonb))
        FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[],
          $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[], $10::text[])
          AS a (name, hash, made, keys, keys_of, storage, messages, mailboxes, admin, groups)
        ON CONFLICT DO NOTHING RETURNING 1`,
      values: [
        accounts.map(({ name }) => name),
        accounts.map(({ passwordHash }) => passwordHash),
        accounts.map(({ createdAt }) => createdAt),
        accounts.map(({ scramKeys }) => scramKeys),
        accounts.map(({ scramOf }) => scramOf),
        accounts.map(({ limits: [storage] }) => storage),
        accounts.map(({ limits: [, messages] }) => messages),
        accounts.map(({ limits: [, , mailboxes] }) => mailboxes),
        accounts.map(({ admin }) => admin),
        accounts.map(({ groups }) => JSON.stringify(groups)),
      ],
    });
    return inserted.length;
  },

  tailSubscriptions: (source, since) =>
    rows<TailSubscription>(source, {
      text: 'SELECT owner, name FROM mail.subscription WHERE subscribed_at >= $1 ORDER BY owner, name',
      values: [since],
    }),

  async insertSubscriptions(tx, subscriptions) {
    const inserted = await rows(tx, {
      text: `INSERT INTO mail.subscription (owner, name)
        SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING RETURNING 1`,
      values: [subscriptions.map(({ owner }) => owner), subscriptions.map(({ name }) => name)],
    });
    return inserted.length;
  },

  async accountsMade(source, range) {
    const found = await rows<{ name: string }>(source, {
      text: `SELECT name FROM mail.account WHERE ${MADE} ORDER BY name`,
      values: valuesOf(range),
    });
    return found.map(({ name }) => name);
  },

  mailboxesMade: (source, range) =>
    rows<{ id: string; owner: string; name: string }>(source, {
      text: `SELECT id, owner, name FROM mail.mailbox WHERE ${MADE} ORDER BY owner, name`,
      values: valuesOf(range),
    }),

  existingAccounts: (c, names) =>
    keys(c, { text: 'SELECT name AS key FROM mail.account WHERE name = ANY($1::text[])', values: [names] }),

  knownMailboxes: (c, ids) =>
    keys(c, {
      text: `SELECT id::text AS key FROM mail.mailbox WHERE id = ANY($1::uuid[])
        UNION ALL SELECT id::text FROM mail.removed_mailbox WHERE id = ANY($1::uuid[])`,
      values: [ids],
    }),
};

const MADE = 'created_at >= $1 AND ($2::timestamptz IS NULL OR created_at < $2)';
const valuesOf = ({ since, until }: Made): readonly [Date, Date | null] => [since, until];

async function keys(
  c: Connection,
  statement: { readonly text: string; readonly values: readonly unknown[] },
): Promise<ReadonlySet<string>> {
  const found = await rows<{ key: string }>(c, statement);
  return new Set(found.map(({ key }) => key));
}
