/**
 * Every metric of imapd: name, kind, labels and meaning in one place. `docs` and the dashboards read the same table.
 * Durations are seconds, sizes octets. Labels have few values: never a user, never a mailbox.
 */
export type MetricEntry = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
};

/** From a NOOP on loopback to a command that was held for a failover. */
const COMMAND_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const HOLD_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30];

export const metricTable = {
  imapd_command_duration_seconds: {
    kind: 'histogram',
    help: 'Time from a command to its tagged response.',
    labels: ['command', 'result'],
    buckets: COMMAND_SECONDS,
  },
  imapd_command_codes_total: {
    kind: 'counter',
    help: 'Tagged responses with a response code, e.g. UNAVAILABLE.',
    labels: ['command', 'code'],
  },
  imapd_sessions: { kind: 'gauge', help: 'Open sessions by state.', labels: ['state'] },
  imapd_sessions_opened_total: { kind: 'counter', help: 'Sessions opened.', labels: [] },
  imapd_sessions_closed_total: { kind: 'counter', help: 'Sessions closed, by reason.', labels: ['reason'] },
  imapd_login_failures_total: {
    kind: 'counter',
    help: 'Sign-ins refused: wrong user names, passwords or tokens.',
    labels: [],
  },
  imapd_acting_sign_ins_total: {
    kind: 'counter',
    help: 'Sign-ins in which one user wanted to act for another, by result: allowed, refused.',
    labels: ['result'],
  },
  imapd_proxy_headers_refused_total: {
    kind: 'counter',
    help: 'Connections of load balancers without a PROXY header that can be read.',
    labels: [],
  },
  imapd_reads_total: {
    kind: 'counter',
    help: 'Reads by class of what was read (state: listings, UIDs, flags; account: signing in; content) and by where from.',
    labels: ['partition', 'class', 'source'],
  },
  imapd_content_reads_total: {
    kind: 'counter',
    help: 'Reads of content by where they were answered; fallback tells why not by a replica (none: it was one).',
    labels: ['partition', 'source', 'fallback'],
  },
  imapd_content_read_bytes_total: {
    kind: 'counter',
    help: 'Octets of content read, by where from.',
    labels: ['partition', 'source', 'member'],
  },
  imapd_search_signatures_total: {
    kind: 'counter',
    help: 'Messages of searches in texts, by what their signature did: excluded (spared the reading), passed (read), missing (read), made (to be stored behind the search), dropped (made, but not stored: too many waited, or the database took none).',
    labels: ['partition', 'signature'],
  },
  imapd_holds: { kind: 'gauge', help: 'Commands that wait for a writer now.', labels: ['partition'] },
  imapd_hold_duration_seconds: {
    kind: 'histogram',
    help: 'How long commands waited for a writer, by how the wait ended: writer, expired, left.',
    labels: ['partition', 'outcome'],
    buckets: HOLD_SECONDS,
  },
  imapd_retries_total: {
    kind: 'counter',
    help: 'Database calls run again: notDone (certainly without effect), unknown (a COMMIT was settled), read.',
    labels: ['partition', 'kind'],
  },
  imapd_replica_age_seconds: {
    kind: 'gauge',
    help: 'How far a replica is behind the writer, as this process measures it; NaN where unknown.',
    labels: ['partition', 'member'],
  },
  imapd_epoch: { kind: 'gauge', help: 'Epoch of the target in force.', labels: ['partition'] },
  imapd_writer_reachable: {
    kind: 'gauge',
    help: '1 while commands that need the writer go through, 0 while they are held.',
    labels: ['partition'],
  },
  imapd_write_lease_seconds: { kind: 'gauge', help: 'Write lease left (Async only).', labels: ['partition'] },
  imapd_routing_version: { kind: 'gauge', help: 'Version of the routing document in force, 0 = none.', labels: [] },
  imapd_pool_connections: {
    kind: 'gauge',
    help: 'Database connections, by role: write, read, content, monitor, probe.',
    labels: ['partition', 'member', 'role'],
  },
  imapd_pool_waiting: {
    kind: 'gauge',
    help: 'Calls that wait for a free database connection.',
    labels: ['partition', 'member', 'role'],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof metricTable;
