import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether the header is the bearer token (RFC 6750). Compares digests: equal in length, and in constant time. */
export function sameToken(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
