import { derivedOperation } from '../../operations/derived-operation.ts';
import { type Connection, rows } from '../connection.ts';
import type { SalvageContext } from './salvage-context.ts';

/**
 * How much earlier than the tail's first operation something of the tail may be dated: an operation is dated when it ends,
 * its rows as they are written. What is older was known to all and, where it is missing here, was removed since.
 */
const MARGIN_MS = 10_000;

export function isOfTail({ tailBegan }: Pick<SalvageContext, 'tailBegan'>, at: Date): boolean {
  return tailBegan !== null && at.getTime() >= tailBegan.getTime() - MARGIN_MS;
}

export const sinceTail = (began: Date): Date => new Date(began.getTime() - MARGIN_MS);

type SourceAccount = {
  readonly name: string;
  readonly password_hash: string;
  readonly created_at: Date;
  readonly scram_keys: string | null;
  readonly scram_of: string | null;
  readonly quota_storage: string | null;
  readonly quota_messages: string | null;
  readonly quota_mailboxes: string | null;
  readonly admin: boolean;
  /** JSON. */
  readonly groups: string;
};

/** Users made in the tail, with their passwords, limits, rights and groups. Gives how many are new here. */
export async function salvageAccounts(context: SalvageContext): Promise<number> {
  if (context.tailBegan === null) return 0;
  // The old primary may be of a schema that has no SCRAM keys, limits or groups yet.
  const found = await rows<SourceAccount>(context.source, {
    text: `SELECT name, password_hash, created_at, to_jsonb(a) ->> 'scram_keys' AS scram_keys,
        to_jsonb(a) ->> 'scram_of' AS scram_of, to_jsonb(a) ->> 'quota_storage' AS quota_storage,
        to_jsonb(a) ->> 'quota_messages' AS quota_messages, to_jsonb(a) ->> 'quota_mailboxes' AS quota_mailboxes,
        coalesce((to_jsonb(a) ->> 'admin')::boolean, false) AS admin,
        coalesce(to_jsonb(a) ->> 'groups', '[]') AS groups
      FROM mail.account a WHERE created_at >= $1 ORDER BY name`,
    values: [sinceTail(context.tailBegan)],
  });
  const names = found.map(({ name }) => name);
  return await insertOnce(context, {
    step: `accounts ${names.join(' ')}`,
    text: `INSERT INTO mail.account (name, password_hash, created_at, scram_keys, scram_of,
        quota_storage, quota_messages, quota_mailboxes, admin, groups)
      SELECT a.name, hash, made, keys, keys_of, storage, messages, mailboxes, admin,
        ARRAY(SELECT jsonb_array_elements_text(groups::jsonb))
      FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[],
        $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[], $10::text[])
        AS a (name, hash, made, keys, keys_of, storage, messages, mailboxes, admin, groups)
      ON CONFLICT DO NOTHING RETURNING 1`,
    values: [
      names,
      found.map((account) => account.password_hash),
      found.map((account) => account.created_at),
      found.map((account) => account.scram_keys),
      found.map((account) => account.scram_of),
      found.map((account) => account.quota_storage),
      found.map((account) => account.quota_messages),
      found.map((account) => account.quota_mailboxes),
      found.map((account) => account.admin),
      found.map((account) => account.groups),
    ],
  });
}

/** Subscriptions of the tail. Gives how many are new here. */
export async function salvageSubscriptions(context: SalvageContext): Promise<number> {
  if (context.tailBegan === null) return 0;
  const found = await rows<{ owner: string; name: string }>(context.source, {
    text: 'SELECT owner, name FROM mail.subscription WHERE subscribed_at >= $1 ORDER BY owner, name',
    values: [sinceTail(context.tailBegan)],
  });
  return await insertOnce(context, {
    step: `subscriptions ${JSON.stringify(found)}`,
    text: `INSERT INTO mail.subscription (owner, name)
      SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING RETURNING 1`,
    values: [found.map(({ owner }) => owner), found.map(({ name }) => name)],
  });
}

/** A repeated run finds its operation and brings back nothing that somebody has removed in the meantime. */
async function insertOnce(
  { target, attempt, member }: SalvageContext,
  {
    step,
    text,
    values,
  }: { readonly step: string; readonly text: string; readonly values: readonly [unknown[], ...unknown[]] },
): Promise<number> {
  if (values[0].length === 0) return 0;
  let inserted = 0;
  await target.mutate(
    derivedOperation(`salvage ${member}`, step),
    async (tx: Connection) => {
      inserted = (await rows(tx, { text, values })).length;
      return inserted;
    },
    attempt,
  );
  return inserted;
}
