import type { FastifyInstance } from 'fastify';
import { PEERS_PATH, Peers } from '#contract/push-api.ts';
import { HINTS_PATH } from '../mailbox/hints/hint.ts';
import { checked } from './checked.ts';
import { Problem } from './problem.ts';

/** What the mailboxes make of it: `MailboxServices`. */
export type PeerRoutesOptions = {
  readonly setPeers: (peers: Peers['peers']) => void;
  readonly receiveHints: (body: string) => boolean;
};

/** Hints between imapd processes. Behind the token: who names the peers decides where it is sent. */
export function peerRoutes(app: FastifyInstance, { setPeers, receiveHints }: PeerRoutesOptions): void {
  app.put(PEERS_PATH, async (request, reply) => {
    setPeers(checked(Peers, request.body).peers);
    return await reply.code(204).send();
  });
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post(HINTS_PATH, async (request, reply) => {
    const accepted = typeof request.body === 'string' && receiveHints(request.body);
    if (!accepted) throw new Problem(400, 'BadRequest', 'not a list of hints');
    return await reply.code(204).send();
  });
}
