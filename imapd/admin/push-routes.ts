import type { FastifyInstance } from 'fastify';
import {
  PUSH_PATH,
  type PushAck,
  type PushConflict,
  type PushRefusal,
  PushRequest,
  type RoutingBelief,
} from '#contract/push-api.ts';
import type { Repositories } from '../routing/repositories.ts';
import type { RoutingTable } from '../routing/routing-table.ts';
import { checked } from './checked.ts';

export type PushRoutesOptions = {
  readonly pod: string;
  readonly table: RoutingTable;
  readonly repositories: Repositories;
  readonly sessions: () => number;
  /** The operator has proved to be there: what is new, it pushes. */
  readonly heard: () => void;
};

/** Octets of the largest document: rules that place single users may be many. */
const MAX_DOCUMENT = 16 * 1024 * 1024;
const STALE = 409;
const REFUSED = 422;

/** The documents that the operator pushes to this process. Signed, so these need no token. */
export function pushRoutes(app: FastifyInstance, options: PushRoutesOptions): void {
  app.put(PUSH_PATH, { bodyLimit: MAX_DOCUMENT }, async (request, reply) => {
    const { document } = checked(PushRequest, request.body);
    const answer = await pushed(document, options);
    if ('reason' in answer) reply.code(STALE);
    if ('code' in answer) reply.code(REFUSED);
    return answer;
  });
}

export function beliefOf({ pod, table, repositories, sessions }: PushRoutesOptions): RoutingBelief {
  return { pod, document: table.document, repositories: repositories.views, sessions: sessions() };
}

/** @param document signed, by whatever way it has come */
export async function pushed(
  document: string,
  { pod, table, heard }: PushRoutesOptions,
): Promise<PushAck | PushConflict | PushRefusal> {
  const outcome = await table.apply(document);
  switch (outcome.kind) {
    case 'applied':
      heard();
      return { pod, applied: outcome.version, epochs: { ...table.epochs } };
    case 'stale':
      return { pod, current: outcome.version, epochs: { ...table.epochs }, reason: outcome.reason };
    case 'refused':
      return { code: outcome.code, message: outcome.message };
  }
}
