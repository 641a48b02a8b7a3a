import { roles } from '#database/roles.ts';
import type { MemberSpec } from '../../../../partition/partition-spec.ts';
import { NOBODY } from '../detached.ts';
import type { MysqlFacts } from './facts.ts';

/** Whom a replica was told by us to follow; null where it follows nobody, or in another way than ours. */
export function upstreamOf(
  { upstream }: Pick<MysqlFacts, 'upstream'>,
  members: readonly MemberSpec[],
): MemberSpec | null {
  if (upstream === null || upstream.user !== roles.replication) return null;
  const { host, port } = upstream.upstream;
  return members.find(({ endpoint }) => endpoint.host === host && endpoint.port === port) ?? null;
}

/** Whether it follows somebody in a way of its administrator's, which works and cannot be given back: nobody tells its password. */
export const isForeign = ({ upstream }: Pick<MysqlFacts, 'upstream'>): boolean =>
  upstream !== null && upstream.user !== roles.replication && upstream.user !== NOBODY.user;
