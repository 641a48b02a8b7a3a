import { namesUser } from '../../acl/identifiers.ts';
import type { Attempt, RepositoryAccess } from '../../routing/repository-access.ts';
import { type AccountRow, accountChanges, accountOf } from '../account-row.ts';
import type { Account, CreateAccount, SetPassword } from '../account-store.ts';
import type { QuotaLimits } from '../quota.ts';
import type { OperationId } from '../types.ts';
import { affected, batch, type Connection, firstRow, rows, type Statement } from './connection.ts';
import { insertMailboxes } from './mailboxes/create-mailbox.ts';
import { removeAllMailboxes } from './mailboxes/delete-mailbox.ts';
import { lockOwner, ownerLock, readerLock } from './operations/lock-slots.ts';
import { accountWrite } from './quota.ts';
import { type QuotaRow, quotaColumns, quotaOfRow } from './quota-sql.ts';
import { join, sql } from './sql.ts';
import { groupsOf } from './words.ts';

type Access = RepositoryAccess<Connection>;

// Keys of another hash are keys of another password: an imapd of before SCRAM changes the one and not the other.
const selectAccounts = `SELECT qa.name, qa.admin, qa.in_groups, ${quotaColumns}, qa.password_hash AS passwordHash,
    qa.created_at AS createdAt, CASE WHEN qa.scram_of = qa.password_hash THEN qa.scram_keys END AS scramKeys
  FROM account qa LEFT JOIN usage_of qu ON qu.owner = qa.name`;

type Selected = Omit<AccountRow, 'quota' | 'admin' | 'groups'> &
  QuotaRow & { readonly admin: number; readonly in_groups: Buffer };

function accountOfRow(row: Selected, limits: QuotaLimits): Account {
  const { in_groups, admin, used_storage: _, used_messages: __, used_mailboxes: ___, ...rest } = row;
  return accountOf({ ...rest, admin: admin !== 0, groups: groupsOf(in_groups), quota: quotaOfRow(row) }, limits);
}

export async function findAccount(
  access: Access,
  { name, limits }: { readonly name: string; readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<Account | null> {
  const row = await access.readAnywhere(
    (c) =>
      firstRow<Selected>(c, {
        name: 'account-find',
        text: `${selectAccounts} WHERE qa.name = ?`,
        values: [name],
        prepared: true,
      }),
    attempt,
  );
  return row === null ? null : accountOfRow(row, limits);
}

export async function listAccounts(access: Access, limits: QuotaLimits, attempt: Attempt): Promise<readonly Account[]> {
  const found = await access.read(
    (c) => rows<Selected>(c, { name: 'account-list', text: `${selectAccounts} ORDER BY qa.name` }),
    attempt,
  );
  return found.map((row) => accountOfRow(row, limits));
}

/** The user with INBOX and the mailboxes asked for, each subscribed, as clients expect of a new account. */
export async function createAccount(
  access: Access,
  request: CreateAccount,
  attempt: Attempt,
): Promise<{ readonly kind: 'created' } | { readonly kind: 'exists' }> {
  const { operation, name } = request;
  return await access.mutate<{ readonly kind: 'created' } | { readonly kind: 'exists' }>(
    operation,
    async (tx) => {
      const [, inserted] = await tx.batch([ownerLock(name), accountInsert(request)]);
      if (inserted?.affected !== 1) return { kind: 'exists' };
      const others = request.mailboxes.filter((mailbox) => mailbox.name !== 'INBOX');
      const mailboxes = [{ name: 'INBOX', specialUse: [] }, ...others];
      await insertMailboxes(tx, name, mailboxes);
      const changes = accountChanges(request).size > 0 ? [accountWrite(request)] : [];
      await batch(tx, [...changes, subscribeAll(name, mailboxes)]);
      return { kind: 'created' };
    },
    attempt,
  );
}

/** Writes no row where there is one: the count of ON DUPLICATE KEY UPDATE would not tell. */
const accountInsert = ({ name, passwordHash, scramKeys = null }: CreateAccount): Statement => ({
  name: 'account-insert',
  ...sql`INSERT INTO account (name, password_hash, scram_keys, scram_of)
    SELECT ${name}, ${passwordHash}, ${scramKeys}, ${passwordHash} FROM (SELECT 1) one
    WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.name = ${name})`,
});

function subscribeAll(owner: string, mailboxes: readonly { readonly name: string }[]): Statement {
  const each = mailboxes.map(({ name }) => sql`(${owner}, ${name})`);
  return {
    name: 'subscription-add-all',
    ...sql`INSERT INTO subscription (owner, name) VALUES ${join(each, ', ')} ON DUPLICATE KEY UPDATE name = subscription.name`,
  };
}

export async function setPassword(
  access: Access,
  request: SetPassword,
  attempt: Attempt,
): Promise<{ readonly kind: 'changed' } | { readonly kind: 'missing' }> {
  const { operation, name, passwordHash, scramKeys = null } = request;
  return await access.mutate<{ readonly kind: 'changed' } | { readonly kind: 'missing' }>(
    operation,
    async (tx) => {
      const changed = await affected(tx, {
        name: 'account-password',
        ...sql`UPDATE account SET password_hash = ${passwordHash}, scram_keys = ${scramKeys}, scram_of = ${passwordHash}
          WHERE name = ${name}`,
      });
      return { kind: changed > 0 ? 'changed' : 'missing' };
    },
    attempt,
  );
}

export async function keepScramKeys(
  access: Access,
  request: SetPassword & { readonly scramKeys: string },
  attempt: Attempt,
): Promise<{ readonly kind: 'kept' } | { readonly kind: 'missing' }> {
  const { operation, name, passwordHash, scramKeys } = request;
  return await access.mutate<{ readonly kind: 'kept' } | { readonly kind: 'missing' }>(
    operation,
    async (tx) => {
      const kept = await affected(tx, {
        name: 'account-scram',
        ...sql`UPDATE account SET scram_keys = ${scramKeys}, scram_of = ${passwordHash}
          WHERE name = ${name} AND password_hash = ${passwordHash}`,
      });
      return { kind: kept > 0 ? 'kept' : 'missing' };
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
      await removeAllMailboxes(tx, name);
      // What others say of the user goes last, as the order of locks says. What is granted later, be it by a moment, is found by the
      // next user of the name: SETACL takes names that nobody has.
      const [, removed] = await tx.batch([
        { name: 'account-unsubscribe', ...sql`DELETE FROM subscription WHERE owner = ${name}` },
        { name: 'account-remove', ...sql`DELETE FROM account WHERE name = ${name}` },
        ...forget(name),
      ]);
      return { kind: removed?.affected === 1 ? 'removed' : 'missing' };
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
  await access.mutate(operation, async (tx) => void (await batch(tx, forget(name))), attempt);
}

/** Whoever is about to write an annotation for the user has done so by the time of the lock, and it is seen. */
const forget = (name: string): readonly Statement[] => [
  readerLock([name]),
  {
    name: 'account-forget-rights',
    ...sql`DELETE FROM acl WHERE identifier IN (${namesUser(name) ? [name, `-${name}`] : []})`,
  },
  { name: 'account-forget-marks', ...sql`DELETE FROM seen WHERE reader = ${name}` },
  { name: 'account-forget', ...sql`DELETE FROM annotation WHERE reader = ${name} AND reader <> ''` },
];
