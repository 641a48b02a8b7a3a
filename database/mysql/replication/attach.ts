import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement, Value } from '../connection/statement.ts';
import type { SessionPair } from '../sessions/session-pair.ts';
import { awaitApplied } from './applier.ts';
import { stopReceiver } from './receiver.ts';
import { setAcknowledging } from './semi-sync.ts';
import { stopApplier } from './stop-applier.ts';
import { wordsOf } from './words.ts';

export type Attach = {
  readonly upstream: MemberEndpoint;
  readonly user: string;
  readonly password: string;
  /** Whether commits of the upstream may count on it: not before it is in the synchronous set. */
  readonly acknowledges: boolean;
  /**
   * Over TLS or not at all. What the upstream shows is not verified: the server would want the authority in a file of its own. Absent:
   * without, where the upstream lets it.
   */
  readonly encrypted?: boolean;
};

/** Seconds between two words of an upstream that has nothing else to say: `silentMs` goes by them. */
const HEARTBEAT_S = 0.5;
const RETRY_S = 1;

/**
 * Follows this upstream from now on, from where it stands. What has come from another one is applied first: a new upstream
 * makes the server forget what it has only received. That the logs agree was seen before (compare.ts): MySQL does not look.
 */
export async function attach(sessions: SessionPair, options: Attach, signal: AbortSignal): Promise<void> {
  const { waiter: connection } = sessions;
  const { replica } = wordsOf[connection.flavour];
  await stopReceiver(sessions, signal);
  await awaitApplied(connection, signal);
  await stopApplier(connection, [
    setAcknowledging(connection.flavour, options.acknowledges),
    ...startingPoint(connection),
    changeSource(connection, options),
    { name: 'start-replication', text: `START ${replica}` },
  ]);
}

/** MariaDB asks from where it has replicated; one that was a primary has written since. */
function startingPoint({ flavour }: MysqlConnection): readonly Statement[] {
  if (flavour === 'mysql') return [];
  return [{ name: 'starting-point', text: 'SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_current_pos' }];
}

function changeSource(
  { flavour }: MysqlConnection,
  { upstream, user, password, encrypted = false }: Attach,
): Statement {
  const mysql = flavour === 'mysql';
  const prefix = mysql ? 'SOURCE' : 'MASTER';
  const settings: readonly (readonly [string, Value])[] = [
    [`${prefix}_HOST`, upstream.host],
    [`${prefix}_PORT`, upstream.port],
    [`${prefix}_USER`, user],
    [`${prefix}_PASSWORD`, password],
    [`${prefix}_CONNECT_RETRY`, RETRY_S],
  ];
  const fixed = [
    ...(encrypted ? [`${prefix}_SSL = 1`] : []),
    `${prefix}_HEARTBEAT_PERIOD = ${HEARTBEAT_S}`,
    // MariaDB 11.8 wants a certificate unless told otherwise, and members have none.
    // Without TLS the password goes encrypted by the upstream's key. A source is not given up, however long it is away.
    ...(mysql
      ? ['SOURCE_AUTO_POSITION = 1', 'GET_SOURCE_PUBLIC_KEY = 1', 'SOURCE_RETRY_COUNT = 0']
      : ['MASTER_USE_GTID = slave_pos', 'MASTER_SSL_VERIFY_SERVER_CERT = 0']),
  ];
  return {
    name: 'change-source',
    text: `CHANGE ${wordsOf[flavour].source} TO ${[...settings.map(([name]) => `${name} = ?`), ...fixed].join(', ')}`,
    values: settings.map(([, value]) => value),
  };
}
