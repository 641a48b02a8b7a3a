import { slotName } from '#database/postgres/replication/slot-name.ts';
import { renderSynchronousNames } from '#database/postgres/replication/synchronous-names.ts';
import type { Posture } from '../../engine.ts';
import type { Upstream } from '../../memory/memory.ts';
import { upstreamConnection } from '../upstream-connection.ts';

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
    primary_conninfo: upstream === null ? '' : connectionString(upstream, context),
    primary_slot_name: upstream === null ? '' : slotName(context.member),
    max_slot_wal_keep_size: `${Math.ceil(posture.retainBytes / MEBIBYTE)}MB`,
    // What is salvaged shall not be tidied away, nor the log grow, while somebody reads it.
    ...(posture.access === 'salvage' ? { autovacuum: 'off' } : {}),
  };
}

const connectionString = (upstream: Upstream, { member, passwordFile }: PostureContext): string =>
  upstreamConnection(upstream, { passwordFile, more: { application_name: member } });
