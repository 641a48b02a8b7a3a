import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Refuses requests without the bearer token (RFC 6750). Compares digests: equal in length, and in constant time. */
export function bearerToken(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digest(`Bearer ${token}`);
  return async ({ headers }) => {
    if (timingSafeEqual(digest(headers.authorization ?? ''), expected)) return;
    throw new Problem(401, 'Unauthorized', 'the bearer token is missing or wrong');
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
