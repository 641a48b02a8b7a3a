import { slotName } from '#database/postgres/replication/slot-name.ts';
import { renderSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import { roles } from '#database/postgres/roles.ts';
import type { Posture } from '../../engine.ts';

export type PostureContext = {
  readonly member: string;
  /** Holds the replication password, so that `primary_conninfo`, which monitors may read, does not. */
  readonly passwordFile: string;
  /** Numbers the postures: a new session that shows it was made by a server that has read this file. */
  readonly generation: string;
};

/** Name of the placeholder setting that carries the generation. */
export const GENERATION_SETTING = 'imapcluster.generation';

const MEBIBYTE = 1024 * 1024;

/** Contents of the include file: all settings that change while a member lives. */
export function postureSettings(posture: Posture, context: PostureContext): Record<string, string> {
  const { upstream } = posture;
  return {
    [GENERATION_SETTING]: context.generation,
    // A seat belt only, since any session may turn it off; the fence is pg_hba.conf.
    default_transaction_read_only: posture.access === 'serving' ? 'off' : 'on',
    synchronous_standby_names: renderSynchronousNames(posture.synchronous),
    primary_conninfo: upstream === null ? '' : connectionString(upstream.endpoint, context),
    primary_slot_name: upstream === null ? '' : slotName(context.member),
    max_slot_wal_keep_size: `${Math.ceil(posture.retainBytes / MEBIBYTE)}MB`,
    // What is salvaged shall not be tidied away, nor the log grow, while somebody reads it.
    ...(posture.access === 'salvage' ? { autovacuum: 'off' } : {}),
  };
}

function connectionString(endpoint: { host: string; port: number }, context: PostureContext): string {
  const parts = {
    host: endpoint.host,
    port: String(endpoint.port),
    user: roles.replication,
    application_name: context.member,
    passfile: context.passwordFile,
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
