import type { FastifyInstance } from 'fastify';
import { NewPassword, NewUser, UserChange, type UserEntry, type UserList, usersPath } from '#contract/users-api.ts';
import { namespaceOf } from '../acl/namespace-owner.ts';
import type { Standings } from '../acl/standings.ts';
import type { MakeAccountSecrets } from '../auth/account-secrets.ts';
import { FAILED_LOGINS_PATH, FailedLogins, MAX_FAILED_LOGINS } from '../auth/failure-hints.ts';
import type { FailureLedger } from '../auth/failure-ledger.ts';
import { FORGOTTEN_LOGINS_PATH, ForgottenLogins, type LoginHints } from '../auth/login-hints.ts';
import type { VerifiedLogins } from '../auth/verified-logins.ts';
import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { OperationId } from '../store/types.ts';
import { attemptOf } from './attempt-of.ts';
import { checked } from './checked.ts';
import { forgetElsewhere } from './forget-elsewhere.ts';
import { newUserName } from './new-user-name.ts';
import { Problem } from './problem.ts';
import { changeOf, detailsOf } from './user-details.ts';
import { existingUser, noSuchUser, placeOf } from './user-place.ts';

export type UserRoutesOptions = {
  readonly stores: UserStores;
  readonly makeSecrets: MakeAccountSecrets;
  readonly verified: VerifiedLogins;
  readonly failures: Pick<FailureLedger, 'heard'>;
  readonly standings: Pick<Standings, 'forget'>;
  readonly loginHints: LoginHints;
  readonly newOperation: () => OperationId;
};

type NameParams = { readonly Params: { readonly name: string } };

/** Mailboxes of a new account, with their RFC 6154 attributes. */
const FIRST_MAILBOXES = [
  { name: 'Archive', specialUse: ['\\Archive'] },
  { name: 'Drafts', specialUse: ['\\Drafts'] },
  { name: 'Junk', specialUse: ['\\Junk'] },
  { name: 'Sent', specialUse: ['\\Sent'] },
  { name: 'Trash', specialUse: ['\\Trash'] },
];

export function userRoutes(app: FastifyInstance, options: UserRoutesOptions): void {
  const { stores, makeSecrets, verified, standings, loginHints, newOperation } = options;
  const forget: Forget = async (name) => {
    verified.forget(name);
    standings.forget(name);
    await loginHints.tell(name);
  };

  app.get(usersPath, async (_request, reply) => await listUsers(stores, attemptOf(reply)));

  app.post(usersPath, async (request, reply) => {
    const wanted = checked(NewUser, request.body);
    const { name, store } = placeOf(stores, newUserName(wanted.name));
    const secrets = await makeSecrets(name, wanted.password);
    const account = { operation: newOperation(), name, ...secrets, mailboxes: FIRST_MAILBOXES, ...changeOf(wanted) };
    const attempt = attemptOf(reply);
    const outcome = await store.createAccount(account, attempt);
    if (outcome.kind === 'exists') throw new Problem(409, 'UserExists', `there is a user ${name} already`);
    return await reply.code(201).send(await entryOf(stores, name, attempt));
  });

  app.get<NameParams>(
    `${usersPath}/:name`,
    async (request, reply) => await detailsOf(stores, request.params.name, attemptOf(reply)),
  );

  app.patch<NameParams>(`${usersPath}/:name`, async (request, reply) => {
    const wanted = changeOf(checked(UserChange, request.body));
    const attempt = attemptOf(reply);
    const { name, store } = placeOf(stores, request.params.name);
    try {
      await store.changeAccount({ operation: newOperation(), name, ...wanted }, attempt);
    } finally {
      // Also where nobody knows whether it was changed.
      if (wanted.groups !== undefined || wanted.admin !== undefined) await forget(name);
    }
    return await detailsOf(stores, name, attempt);
  });

  passwordRoute(app, options, forget);

  app.delete<NameParams>(`${usersPath}/:name`, async (request, reply) => {
    const attempt = attemptOf(reply);
    const { name, store } = await existingUser(stores, request.params.name, attempt);
    // First: were it left for later, somebody else of that name might come before.
    await forgetElsewhere({ stores, home: store, newOperation }, name, attempt);
    const outcome = await store.removeAccount({ operation: newOperation(), name }, attempt);
    await forget(name);
    if (outcome.kind === 'missing') throw noSuchUser(name);
    return await reply.code(204).send();
  });
}

type Forget = (name: string) => Promise<void>;

function passwordRoute(
  app: FastifyInstance,
  { stores, makeSecrets, newOperation }: UserRoutesOptions,
  forget: Forget,
): void {
  app.put<NameParams>(`${usersPath}/:name/password`, async (request, reply) => {
    const { password } = checked(NewPassword, request.body);
    const { name, store } = placeOf(stores, request.params.name);
    const change = { operation: newOperation(), name, ...(await makeSecrets(name, password)) };
    const outcome = await store.setPassword(change, attemptOf(reply));
    await forget(name);
    if (outcome.kind === 'missing') throw noSuchUser(name);
    return await reply.code(204).send();
  });
}

/** From another imapd that has seen wrong passwords. */
export function failedLoginRoutes(app: FastifyInstance, { failures }: Pick<UserRoutesOptions, 'failures'>): void {
  app.post(FAILED_LOGINS_PATH, { bodyLimit: MAX_FAILED_LOGINS }, async (request, reply) => {
    for (const change of checked(FailedLogins, request.body).changes) failures.heard(change);
    return await reply.code(204).send();
  });
}

/** From another imapd that has changed a password, or groups. */
export function forgottenLoginRoutes(
  app: FastifyInstance,
  { verified, standings }: Pick<UserRoutesOptions, 'verified' | 'standings'>,
): void {
  app.post(FORGOTTEN_LOGINS_PATH, async (request, reply) => {
    for (const user of checked(ForgottenLogins, request.body).users) {
      verified.forget(user);
      standings.forget(user);
    }
    return await reply.code(204).send();
  });
}

async function entryOf(stores: UserStores, given: string, attempt: Attempt): Promise<UserEntry> {
  const { name, store, partition } = placeOf(stores, given);
  const account = await store.findAccount(name, attempt);
  if (account === null) throw noSuchUser(name);
  return { name, partition, createdAt: account.createdAt.toISOString() };
}

/** All partitions at once; one that cannot be asked hides its own users only. */
async function listUsers(stores: UserStores, attempt: Attempt): Promise<UserList> {
  const unavailable: string[] = [];
  const namespaces: NonNullable<UserList['namespaces']> = [];
  const all = [...stores.all];
  const lists = all.map(async ([partition, store]): Promise<UserEntry[]> => {
    try {
      const accounts = await store.listAccounts(attempt);
      const held = accounts.flatMap(({ name, quota }) => (quota.MAILBOX.used > 0 ? (namespaceOf(name) ?? []) : []));
      namespaces.push(...held.map((name) => ({ name, partition })));
      return accounts
        .filter(({ name }) => namespaceOf(name) === null)
        .map(({ name, createdAt }) => ({ name, partition, createdAt: createdAt.toISOString() }));
    } catch (error) {
      if (!(error instanceof RepositoryUnavailable)) throw error;
      unavailable.push(partition);
      return [];
    }
  });
  const users = (await Promise.all(lists)).flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  const partitions = all.map(([partition]) => partition).sort();
  return { users, namespaces, partitions, unavailable: unavailable.sort() };
}
