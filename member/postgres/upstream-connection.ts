import { roles } from '#database/roles.ts';
import type { Upstream } from '../memory/memory.ts';

export type UpstreamConnectionOptions = {
  /** Holds the replication password, so that the string, which others may read, does not. */
  readonly passwordFile: string;
  /** Further parameters of libpq. */
  readonly more: Readonly<Record<string, string>>;
};

/**
 * How a program of PostgreSQL signs in to an upstream (libpq connection string). A host that is gone without a word would be
 * waited for without end: it is given up after a few seconds.
 */
export function upstreamConnection({ endpoint }: Upstream, { passwordFile, more }: UpstreamConnectionOptions): string {
  const parts = {
    host: endpoint.host,
    port: String(endpoint.port),
    user: roles.replication,
    passfile: passwordFile,
    ...more,
    connect_timeout: '2',
    keepalives_idle: '2',
    keepalives_interval: '1',
    keepalives_count: '2',
    tcp_user_timeout: '3000',
    sslmode: 'prefer',
  };
  return Object.entries(parts)
    .map(([key, value]) => `${key}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ');
}
