import type { FastifyInstance } from 'fastify';
import { type MailboxList, NewMailbox, usersPath } from '#contract/users-api.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { OperationId } from '../store/types.ts';
import { attemptOf } from './attempt-of.ts';
import { checked } from './checked.ts';
import { Problem } from './problem.ts';
import { existingUser } from './user-place.ts';

export type MailboxRoutesOptions = { readonly stores: UserStores; readonly newOperation: () => OperationId };

type NameParams = { readonly Params: { readonly name: string } };

export function mailboxRoutes(app: FastifyInstance, { stores, newOperation }: MailboxRoutesOptions): void {
  app.get<NameParams>(`${usersPath}/:name/mailboxes`, async (request, reply): Promise<MailboxList> => {
    const attempt = attemptOf(reply);
    const { name, store } = await existingUser(stores, request.params.name, attempt);
    const mailboxes = (await store.listMailboxes(name, attempt)).flatMap(({ name: mailbox, state, specialUse }) => {
      if (state === null) return [];
      const { messages, unseen, size, uidValidity, uidNext } = state;
      return [{ name: mailbox, messages, unseen, size, uidValidity, uidNext, specialUse: [...specialUse] }];
    });
    return { mailboxes };
  });

  app.post<NameParams>(`${usersPath}/:name/mailboxes`, async (request, reply) => {
    const wanted = checked(NewMailbox, request.body);
    const attempt = attemptOf(reply);
    const { name: owner, store } = await existingUser(stores, request.params.name, attempt);
    const mailbox = { operation: newOperation(), owner, name: wanted.name, specialUse: [] };
    const outcome = await store.createMailbox(mailbox, attempt);
    if (outcome.kind === 'overQuota') throw new Problem(422, 'TooManyMailboxes', 'the user can have no more mailboxes');
    return await reply.code(outcome.kind === 'created' ? 201 : 204).send();
  });
}
