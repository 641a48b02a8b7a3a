import type { FastifyReply } from 'fastify';
import type { Attempt } from '../routing/repository-access.ts';

/**
 * On behalf of whoever waits for this answer: over once the connection is closed. Not `request.signal`, which fires as soon
 * as the body has been read.
 */
export function attemptOf(reply: FastifyReply): Attempt {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort(new Error('the caller is gone')));
  return { signal: gone.signal };
}
