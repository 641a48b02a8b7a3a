import type { MemberEndpoint } from '#contract/routing-document.ts';
import { attach } from '#database/mysql/replication/attach.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { roles } from '#database/roles.ts';
import type { MysqlSessions } from './sessions.ts';

type AttachTo = { readonly upstream: MemberEndpoint; readonly sessions: MysqlSessions };

/** In our way: by our account, and so that commits there may count on it. */
export async function attachTo(
  pair: SessionPair,
  { upstream, sessions }: AttachTo,
  signal: AbortSignal,
): Promise<void> {
  const { rolePasswords } = await sessions.credentials(signal);
  const account = { user: roles.replication, password: rolePasswords.replication };
  const encrypted = sessions.tls !== undefined;
  await attach(pair, { upstream, ...account, acknowledges: true, encrypted }, signal);
}
