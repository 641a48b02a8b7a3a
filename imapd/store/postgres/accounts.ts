import { namesUser } from '../../acl/identifiers.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { type AccountRow, accountChanges, accountOf } from '../account-row.ts';
import type { Account, CreateAccount, SetPassword } from '../account-store.ts';
import type { QuotaLimits } from '../quota.ts';
import type { OperationId } from '../types.ts';
import { type Connection, firstRow, rows } from './connection.ts';
import { insertMailboxes } from './mailboxes/create-mailbox.ts';
import { removeMailboxes } from './mailboxes/delete-mailbox.ts';
import { lockOwner, lockReaders } from './operations/lock-owner.ts';
import { writeAccount } from './quota.ts';
import { quotaColumn } from './quota-sql.ts';

type Access = RepositoryAccess<Connection>;

// Keys of another hash are keys of another password: an imapd of before SCRAM changes the one and not the other.
const accountColumns = `name, admin, groups, quota_storage::float8, quota_messages::float8, quota_mailboxes::float8,
  ${quotaColumn('account.name')} AS quota, password_hash AS "passwordHash", created_at AS "createdAt",
  CASE WHEN scram_of = password_hash THEN scram_keys END AS "scramKeys"`;

export async function findAccount(
  access: Access,
  { name, limits }: { readonly name: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<Account | null> {
  const row = await access.readAnywhere(
    (c) =>
      firstRow<AccountRow>(c, {
        name: 'account-find',
        text: `SELECT ${accountColumns} FROM mail.account WHERE name = $1`,
        values: [name],
      }),
    attempt,
  );
  return row === null ? null : accountOf(row, limits);
}

export async function listAccounts(access: Access, limits: QuotaLimits, attempt: Attempt): Promise<readonly Account[]> {
  const found = await access.read(
    (c) => rows<AccountRow>(c, { text: `SELECT ${accountColumns} FROM mail.account ORDER BY name COLLATE "C"` }),
    attempt,
  );
  return found.map((row) => accountOf(row, limits));
}

/** The user with INBOX and the mailboxes asked for, each subscribed, as clients expect of a new account. */
export async function createAccount(
  access: Access,
  request: CreateAccount,
  attempt: Attempt,
): Promise<{ readonly kind: 'created' } | { readonly kind: 'exists' }> {
  const { operation, name, passwordHash, scramKeys = null } = request;
  return await access.mutate<{ readonly kind: 'created' } | { readonly kind: 'exists' }>(
    operation,
    async (tx) => {
      await lockOwner(tx, name);
      const inserted = await rows(tx, {
        name: 'account-insert',
        text: `INSERT INTO mail.account (name, password_hash, scram_keys, scram_of) VALUES ($1, $2, $3, $2)
          ON CONFLICT DO NOTHING RETURNING 1`,
        values: [name, passwordHash, scramKeys],
      });
      if (inserted.length === 0) return { kind: 'exists' };
      const others = request.mailboxes.filter((mailbox) => mailbox.name !== 'INBOX');
      const mailboxes = [{ name: 'INBOX', specialUse: [] }, ...others];
      await insertMailboxes(tx, name, mailboxes);
      if (accountChanges(request).size > 0) await writeAccount(tx, request);
      await subscribeAll(tx, name, mailboxes);
      return { kind: 'created' };
    },
    attempt,
  );
}

async function subscribeAll(tx: Connection, owner: string, mailboxes: readonly { name: string }[]): Promise<void> {
  await rows(tx, {
    name: 'subscription-add-all',
    text: 'INSERT INTO mail.subscription (owner, name) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING',
    values: [owner, mailboxes.map((mailbox) => mailbox.name)],
  });
}

export async function setPassword(
  access: Access,
  request: SetPassword,
  attempt: Attempt,
): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }> {
  return await access.mutate<{ readonly kind: 'changed' } | { readonly kind: 'missing' }>(
    request.operation,
    async (tx) => {
      const changed = await rows(tx, {
        name: 'account-password',
        text: `UPDATE mail.account SET password_hash = $2, scram_keys = $3, scram_of = $2 WHERE name = $1 RETURNING 1`,
        values: [request.name, request.passwordHash, request.scramKeys ?? null],
      });
      return { kind: changed.length > 0 ? 'changed' : 'missing' };
    },
    attempt,
  );
}

export async function keepScramKeys(
  access: Access,
  request: SetPassword & { readonly scramKeys: string },
  attempt: Attempt,
): Promise<{ readonly kind: 'kept' } | { readonly kind: 'missing' }> {
  return await access.mutate<{ readonly kind: 'kept' } | { readonly kind: 'missing' }>(
    request.operation,
    async (tx) => {
      const kept = await rows(tx, {
        name: 'account-scram',
        text: `UPDATE mail.account SET scram_keys = $3, scram_of = $2 WHERE name = $1 AND password_hash = $2 RETURNING 1`,
        values: [request.name, request.passwordHash, request.scramKeys],
      });
      return { kind: kept.length > 0 ? 'kept' : 'missing' };
    },
    attempt,
  );
}

export async function removeAccount(
  access: Access,
  request: { readonly operation: OperationId; readonly name: string },
  attempt: Attempt,
): Promise<{ readonly kind: 'removed' } | { readonly kind: 'missing' }> {
  const { operation, name } = request;
  return await access.mutate<{ readonly kind: 'removed' } | { readonly kind: 'missing' }>(
    operation,
    async (tx) => {
      await lockOwner(tx, name);
      await removeMailboxes(tx, { owner: name, name: null });
      const removed = await rows(tx, {
        name: 'account-remove',
        text: `WITH unsubscribed AS (DELETE FROM mail.subscription WHERE owner = $1)
          DELETE FROM mail.account WHERE name = $1 RETURNING 1`,
        values: [name],
      });
      // Last, as the order of locks says. What is granted later, be it by a moment, is found by the next user of the name: SETACL
      // takes names that nobody has.
      await forget(tx, name);
      return { kind: removed.length > 0 ? 'removed' : 'missing' };
    },
    attempt,
  );
}

/** The same in a partition that holds only others, who may have shared something with the user. */
export async function forgetUser(
  access: Access,
  { operation, name }: { readonly operation: OperationId; readonly name: string },
  attempt: Attempt,
): Promise<void> {
  await access.mutate(operation, async (tx) => await forget(tx, name), attempt);
}

/** Whoever is about to write an annotation for the user has done so by then, and it is seen. */
async function forget(tx: Connection, name: string): Promise<void> {
  await lockReaders(tx, [name]);
  await rows(tx, {
    name: 'account-forget',
    text: `WITH rights AS (DELETE FROM mail.acl WHERE identifier = ANY($2::text[])),
        marks AS (DELETE FROM mail.seen WHERE reader = $1)
      DELETE FROM mail.annotation WHERE reader = $1 AND reader <> ''`,
    values: [name, namesUser(name) ? [name, `-${name}`] : []],
  });
}
