import type { DatabaseTls } from '#contract/database-tls.ts';
import type { Repository } from '#crds/repository.ts';

/** How the servers of a repository prove who they are; undefined: they are spoken to without TLS. */
export function databaseTlsOf({ tls }: Pick<Repository, 'tls'>): DatabaseTls | undefined {
  if (tls === undefined || tls.mode === 'Disabled') return undefined;
  const { ca, serverName } = tls;
  return { ...(ca === undefined ? {} : { ca }), ...(serverName === undefined ? {} : { serverName }) };
}
