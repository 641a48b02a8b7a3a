import { type Connection, rows } from '../connection.ts';
import type { SalvageContext } from './salvage-context.ts';
import { sinceTail } from './salvage-names.ts';

/** Names in the message; the rest is counted. */
const NAMED = 10;

/**
 * An old primary that was away for longer than operations are remembered may have users and mailboxes of which nobody can tell
 * whether they were lost with it or removed since. Who was removed must not be able to sign in again, and what was lost must not
 * be overwritten unseen: a person decides. Comes after everything that is certain.
 * @throws Error which names them
 */
export async function refuseUnclear(context: SalvageContext): Promise<void> {
  const { source, unclearSince, tailBegan } = context;
  if (unclearSince === null) return;
  const values = [sinceTail(unclearSince), tailBegan === null ? null : sinceTail(tailBegan)];
  const made = 'created_at >= $1 AND ($2::timestamptz IS NULL OR created_at < $2)';
  const accounts = await rows<{ name: string }>(source, {
    text: `SELECT name FROM mail.account WHERE ${made} ORDER BY name`,
    values,
  });
  const mailboxes = await rows<{ id: string; owner: string; name: string }>(source, {
    text: `SELECT id, owner, name FROM mail.mailbox WHERE ${made} ORDER BY owner, name`,
    values,
  });
  const users = await missing(context, {
    text: 'SELECT name AS key FROM mail.account WHERE name = ANY($1::text[])',
    keys: accounts.map(({ name }) => name),
  });
  const ids = await missing(context, {
    text: `SELECT id::text AS key FROM mail.mailbox WHERE id = ANY($1::uuid[])
      UNION ALL SELECT id::text FROM mail.removed_mailbox WHERE id = ANY($1::uuid[])`,
    keys: mailboxes.map(({ id }) => id),
  });
  const others = mailboxes.filter(({ id, owner }) => ids.has(id) && !users.has(owner));
  const unclear = [...[...users].map((name) => `user ${name}`), ...others.map((m) => `${m.name} of ${m.owner}`)];
  if (unclear.length === 0) return;
  const more = unclear.length > NAMED ? ` and ${unclear.length - NAMED} more` : '';
  throw new Error(
    `the old primary was away for too long to tell what was lost with it from what was removed since: ${unclear.slice(0, NAMED).join(', ')}${more}. All else was brought; decide about these (runbook SalvageFailed)`,
  );
}

async function missing(
  { target, attempt }: SalvageContext,
  { text, keys }: { readonly text: string; readonly keys: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const found = await target.read((c: Connection) => rows<{ key: string }>(c, { text, values: [keys] }), attempt);
  return new Set(keys).difference(new Set(found.map(({ key }) => key)));
}
