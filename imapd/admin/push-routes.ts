import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  HEARTBEAT_PATH,
  Heartbeat,
  type HeartbeatAnswer,
  HeartbeatRequest,
  PUSH_PATH,
  type PushAck,
  type PushConflict,
  type PushRefusal,
  PushRequest,
  type RoutingBelief,
} from '#contract/push-api.ts';
import { verify } from '#contract/signature.ts';
import type { PublicKeys } from '#runtime/public-keys.ts';
import type { NonceBook } from '../routing/nonce-book.ts';
import type { Repositories } from '../routing/repositories.ts';
import type { RoutingTable } from '../routing/routing-table.ts';
import { checked } from './checked.ts';

export type PushRoutesOptions = {
  readonly pod: string;
  /** Of this process: `HeartbeatAnswer.bootId`. */
  readonly bootId: string;
  readonly cluster: string;
  readonly publicKeys: Pick<PublicKeys, 'current'>;
  readonly table: RoutingTable;
  readonly repositories: Repositories;
  readonly nonces: NonceBook;
  readonly sessions: () => number;
  /** The operator has proved to be there: what is new, it pushes. */
  readonly heard: () => void;
};

/** Octets of the largest document: rules that place single users may be many. */
const MAX_DOCUMENT = 16 * 1024 * 1024;
const STALE = 409;
const REFUSED = 422;

/** What the operator says to this process. Signed, so these need no token. */
export function pushRoutes(app: FastifyInstance, options: PushRoutesOptions): void {
  app.put(PUSH_PATH, { bodyLimit: MAX_DOCUMENT }, async (request, reply) => {
    return await push(checked(PushRequest, request.body), reply, options);
  });
  app.post(HEARTBEAT_PATH, async (request, reply) => {
    return await heartbeat(checked(HeartbeatRequest, request.body), reply, options);
  });
}

export function beliefOf({ pod, table, repositories, sessions }: PushRoutesOptions): RoutingBelief {
  return { pod, document: table.document, repositories: repositories.views, sessions: sessions() };
}

async function push(
  { document }: PushRequest,
  reply: FastifyReply,
  { pod, table, heard }: PushRoutesOptions,
): Promise<PushAck | PushConflict | PushRefusal> {
  const outcome = await table.apply(document);
  switch (outcome.kind) {
    case 'applied':
      heard();
      return { pod, applied: outcome.version, epochs: { ...table.epochs } };
    case 'stale':
      reply.code(STALE);
      return { pod, current: outcome.version, epochs: { ...table.epochs }, reason: outcome.reason };
    case 'refused':
      reply.code(REFUSED);
      return { code: outcome.code, message: outcome.message };
  }
}

async function heartbeat(
  request: HeartbeatRequest,
  reply: FastifyReply,
  options: PushRoutesOptions,
): Promise<HeartbeatAnswer | PushRefusal> {
  const { pod, bootId, cluster, publicKeys, table, repositories, nonces, sessions } = options;
  const verified = await verify(request.heartbeat, {
    purpose: 'heartbeat',
    schema: Heartbeat,
    keys: publicKeys.current,
  });
  if (!verified.ok) {
    reply.code(REFUSED);
    return { code: verified.code, message: verified.message };
  }
  const beat = verified.payload;
  if (beat.pod !== pod || beat.cluster !== cluster) {
    reply.code(REFUSED);
    return { code: 'WrongPod', message: `this is ${pod} of ${cluster}, not ${beat.pod} of ${beat.cluster}` };
  }
  const since = beat.echo === null ? null : nonces.issuedAt(beat.echo);
  // A heartbeat that echoes nothing of ours may be old or meant for a former life of this pod: it grants nothing.
  if (since !== null) {
    options.heard();
    for (const [partition, { epoch, seconds }] of Object.entries(beat.leases)) {
      repositories.get(partition)?.proveLease({ epoch, since, seconds });
    }
    for (const repository of repositories) repository.noteFull(beat.full?.includes(repository.partition) === true);
  }
  const views = repositories.views;
  return { pod, bootId, nonce: nonces.issue(), applied: table.version, sessions: sessions(), repositories: views };
}
