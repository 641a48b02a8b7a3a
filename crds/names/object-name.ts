import { createHash } from 'node:crypto';

/** Names of Services are DNS labels (RFC 1035), and every name may become the value of a label. */
export const NAME_LENGTH = 63;
const HASH_LENGTH = 8;

/**
 * `BASE-SUFFIX` as a DNS label of at most 63 characters. What has to be cut or rewritten gets a hash of the whole, so that
 * two bases never share a name.
 */
export function objectName(base: string, suffix = ''): string {
  const plain = suffix === '' ? base : `${base}-${suffix}`;
  if (plain.length <= NAME_LENGTH && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(plain)) return plain;
  const end = `-${hashOf(base)}${suffix === '' ? '' : `-${suffix}`}`;
  const start = base
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')
    .replace(/^(?=[^a-z])/, 'x');
  return `${start.slice(0, NAME_LENGTH - end.length).replace(/-+$/, '')}${end}`;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
