import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Appended, AppendQuery, usersPath } from '#contract/users-api.ts';
import { splitFlags } from '../commands/selected/split-flags.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { MailboxId, ModSeq, OperationId } from '../store/types.ts';
import { attemptOf } from './attempt-of.ts';
import { checked } from './checked.ts';
import { exportMailbox } from './export-mailbox.ts';
import { Problem } from './problem.ts';
import { existingUser, noSuchMailbox } from './user-place.ts';

export type MessageRoutesOptions = {
  readonly stores: UserStores;
  /** Tells sessions of this and other processes of a new message. */
  readonly announce: (mailbox: MailboxId, modSeq: ModSeq | null) => Promise<void>;
  readonly now: () => Date;
  /** Octets of the largest message. */
  readonly maxMessage: number;
};

type Route = { readonly Params: { readonly name: string }; readonly Querystring: { readonly mailbox?: string } };

export function messageRoutes(app: FastifyInstance, options: MessageRoutesOptions): void {
  // A message is streamed into the store, whatever it calls itself; nobody collects it here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  app.post<Route>(
    `${usersPath}/:name/messages`,
    async (request, reply) => await append(request, attemptOf(reply), options),
  );

  app.get<Route>(`${usersPath}/:name/messages`, async (request, reply) => {
    const attempt = attemptOf(reply);
    const { name, store } = await existingUser(options.stores, request.params.name, attempt);
    const wanted = request.query.mailbox ?? 'INBOX';
    const mailbox = await store.findMailbox(name, wanted, attempt);
    if (mailbox === null) throw noSuchMailbox(wanted);
    return await reply.type('application/mbox').send(Readable.from(exportMailbox(store, mailbox.id, attempt)));
  });
}

async function append(
  request: FastifyRequest<Route>,
  caller: Attempt,
  options: MessageRoutesOptions,
): Promise<Appended> {
  const query = checked(AppendQuery, request.query);
  const internalDate = dateOf(query.internaldate) ?? options.now();
  let repeated = false;
  const attempt: Attempt = {
    ...caller,
    onRepeated: () => {
      repeated = true;
    },
  };
  const { name: owner, store } = await existingUser(options.stores, request.params.name, attempt);
  if (Number(request.headers['content-length'] ?? 0) > options.maxMessage) throw tooBig(options.maxMessage);
  const operation = query.operation as OperationId;
  const source = atMost(request.body, options.maxMessage);
  const staged = await store.stage(source, { operation, ordinal: 0 }, caller);
  const messages = [{ staged, flags: splitFlags(query.flags === undefined ? [] : [query.flags].flat()), internalDate }];
  const outcome = await store.append({ operation, owner, mailbox: query.mailbox, messages }, attempt);
  if (outcome.kind === 'noMailbox') throw noSuchMailbox(query.mailbox);
  if (outcome.kind === 'tooManyKeywords') {
    throw new Problem(422, 'TooManyKeywords', 'the mailbox can hold no more different keywords');
  }
  if (outcome.kind === 'overQuota') {
    throw new Problem(
      413,
      'OverQuota',
      `${owner} may store no more; raise the limit by imapctl user set, or make room`,
    );
  }
  if (!repeated) await options.announce(outcome.mailbox, outcome.modSeq);
  return { uid: outcome.uids[0] ?? 0, uidValidity: outcome.uidValidity, repeated };
}

/** The body as octets, up to the limit. @throws Problem 413 · 400 where there is no body */
async function* atMost(body: unknown, limit: number): AsyncGenerator<Buffer> {
  if (!(body instanceof Readable)) throw new Problem(400, 'BadRequest', 'the message is missing');
  let octets = 0;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      const piece = Buffer.from(chunk);
      octets += piece.length;
      if (octets > limit) throw tooBig(limit);
      yield piece;
    }
  } finally {
    // Where it was left early the rest is read and dropped: the next request of this connection would hang behind it.
    body.resume();
  }
  if (octets === 0) throw new Problem(400, 'BadRequest', 'the message is empty');
}

const tooBig = (limit: number): Problem => new Problem(413, 'MessageTooBig', `a message has at most ${limit} octets`);

function dateOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Problem(400, 'BadRequest', `/internaldate is no date: ${text}`);
  return date;
}
