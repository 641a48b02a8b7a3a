import type { MemberName } from '#contract/names.ts';
import { usualPort } from '#database/engine.ts';
import { roles } from '#database/roles.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';

/** What libpq calls a connection string: keywords and values. */
export type Conninfo = Readonly<Record<string, string>>;

type ReplicationAccount = {
  readonly member: MemberName;
  readonly password: string;
  /** Over TLS or not at all. What the upstream shows is not verified: the server would want the authority in a file of its own. Absent: where the upstream offers it. */
  readonly encrypted?: boolean;
};

/** By what a replica streams from `upstream`: `primary_conninfo`. */
export function replicationConninfo(
  upstream: MemberSpec['endpoint'],
  { member, password, encrypted = false }: ReplicationAccount,
): string {
  return renderConninfo({
    host: upstream.host,
    port: String(upstream.port),
    user: roles.replication,
    password,
    // The synchronous set, and the slots, know it by that.
    application_name: member,
    // A hung or unplugged upstream is given up as fast as the agent of a managed member does it.
    connect_timeout: '2',
    keepalives_idle: '2',
    keepalives_interval: '1',
    keepalives_count: '2',
    tcp_user_timeout: '3000',
    sslmode: encrypted ? 'require' : 'prefer',
  });
}

export function renderConninfo(conninfo: Conninfo): string {
  return Object.entries(conninfo)
    .map(([key, value]) => `${key}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ');
}

/** `KEY = VALUE` or `KEY='VALUE'`, with backslashes before what is meant as it stands. */
const PAIR = /([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))/gy;

/** Reads keywords and values; null for anything else, such as a URI. */
export function parseConninfo(text: string): Conninfo | null {
  const found: Record<string, string> = {};
  const rest = text.trim();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < rest.length) {
    const match = PAIR.exec(rest);
    if (match?.[1] === undefined) return null;
    found[match[1]] = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1');
    while (rest[PAIR.lastIndex] === ' ') PAIR.lastIndex += 1;
  }
  return found;
}

/** Whom a replica was told by us to follow; null where it follows nobody, or in another way than ours. */
export function upstreamIn(text: string, own: MemberName, members: readonly MemberSpec[]): MemberSpec | null {
  const conninfo = parseConninfo(text);
  if (conninfo === null || conninfo.user !== roles.replication || conninfo.application_name !== own) return null;
  return (
    members.find(
      ({ endpoint }) =>
        endpoint.host === conninfo.host && String(endpoint.port) === (conninfo.port ?? String(usualPort('postgresql'))),
    ) ?? null
  );
}

/** Whether it follows somebody in a way that was not written by us, and that has to be given back where ours fails. */
export const isForeign = (text: string): boolean => text !== '' && parseConninfo(text)?.user !== roles.replication;
