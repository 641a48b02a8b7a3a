/**
 * The one table of codes. A code is at once the `code` of a log line, the reason of an Event or condition, and the
 * anchor of its page in docs/runbooks; `imap` is the response code a client sees (RFC 5530, RFC 9051 7.1), if any.
 * A test holds the runbooks against this table.
 */
export type Severity = 'info' | 'warning' | 'error';

export type CodeEntry = {
  readonly severity: Severity;
  readonly imap?: string;
  /** One sentence: what happened. */
  readonly what: string;
  /** One sentence: what a person does about it; absent where nothing is to be done. */
  readonly todo?: string;
};

const table = {
  // Processes
  ProcessStarted: { severity: 'info', what: 'A process of the cluster started.' },
  ProcessStopping: { severity: 'info', what: 'A process stops in good order.' },
  ProcessDied: {
    severity: 'error',
    what: 'A process ended unexpectedly and is started again.',
    todo: 'Read its last log lines; a loop of restarts is backed off.',
  },
  NotServing: {
    severity: 'warning',
    what: 'A cluster that was started does not serve everything yet.',
    todo: 'The message says what it waits for.',
  },
  ParentGone: { severity: 'warning', what: 'The process that started this one is gone, so it stops too.' },
  ConfigurationInvalid: {
    severity: 'error',
    what: 'A configuration file or manifest was refused.',
    todo: 'Mend the fields that the message names.',
  },
  PortTaken: {
    severity: 'error',
    what: 'A port to listen on is in use by another program.',
    todo: 'Choose another port or stop the other program.',
  },
  StateFolderInUse: {
    severity: 'error',
    what: 'Another run uses this state folder.',
    todo: 'Stop the other run or name another folder with --state.',
  },
  StateFolderTooNew: {
    severity: 'error',
    what: 'A newer version wrote this state folder.',
    todo: 'Use that version or a newer one.',
  },
  Unexpected: {
    severity: 'error',
    imap: 'SERVERBUG',
    what: 'Something failed in a way the code does not know.',
    todo: 'Report it with the log lines around it.',
  },
  // Members
  ServerExited: {
    severity: 'error',
    what: 'A database server ended by itself.',
    todo: 'The operator restarts or replaces it; its last log lines are in the event.',
  },
  ServerStartFailed: {
    severity: 'error',
    what: 'A database server does not start; it is tried again and again.',
    todo: 'Mend what its last log lines name; a damaged replica is made anew if its data directory is moved away.',
  },
  DiskFull: {
    severity: 'error',
    imap: 'UNAVAILABLE',
    what: 'A database has no disk space left.',
    todo: 'Grow the volume or free space; writing goes on by itself.',
  },
  DiskSpaceBack: { severity: 'info', what: 'A database that had no disk space left takes everything again.' },
  MemberIsolated: {
    severity: 'error',
    what: 'A primary lost both operator and peers and refuses mail until one is back.',
  },
  MemberRejoined: { severity: 'info', what: 'A member follows the primary again.' },
  RejoinNeeded: {
    severity: 'error',
    what: 'A member cannot follow the primary and must be rebuilt.',
    todo: 'See the runbook of its engine.',
  },
  // Failover
  FailoverStarted: { severity: 'warning', what: 'The primary is lost; a replica will take over.' },
  FailoverStep: { severity: 'info', what: 'A failover reached its next step.' },
  FailoverFinished: { severity: 'info', what: 'A replica became the primary and all imapd processes know.' },
  FailoverBlocked: {
    severity: 'error',
    what: 'The primary is lost, but promoting a replica would break the promised durability.',
    todo: 'Bring the primary back, or accept the loss by `imapctl failover --accept-data-loss`.',
  },
  FailoverAborted: { severity: 'warning', what: 'A failover was given up and the replicas were attached again.' },
  SwitchoverFinished: { severity: 'info', what: 'A planned change of primary is done.' },
  SalvageFinished: { severity: 'info', what: 'What only the old primary had was brought back.' },
  SalvageFailed: {
    severity: 'error',
    what: 'The old primary could not be salvaged; it is kept as it is.',
    todo: "Read the job's log; it may be repeated without harm.",
  },
  TargetsConverged: { severity: 'info', what: 'Every imapd process obeys the newest routing document.' },
  TargetsLagging: { severity: 'warning', what: 'An imapd process has not acknowledged the newest routing document.' },
  // Routing inside imapd
  RoutingApplied: { severity: 'info', what: 'A newer routing document is in force.' },
  RoutingRefused: { severity: 'warning', what: 'A routing document was refused: signature, version or epoch.' },
  WriterLost: { severity: 'warning', what: 'A repository has no writer; commands that need one are held.' },
  WriterBack: { severity: 'info', what: 'A repository has a writer again; held commands go on.' },
  HoldExpired: {
    severity: 'warning',
    imap: 'UNAVAILABLE',
    what: 'A command waited for a writer longer than writeHold.',
  },
  ReplicaMiss: { severity: 'info', what: 'A replica lacked content that the primary had.' },
  ContentCorrupt: {
    severity: 'error',
    imap: 'SERVERBUG',
    what: 'A chunk of a message does not match its hash.',
    todo: 'The member is not read from; check its disk and rebuild it.',
  },
  // Sessions
  SessionOpened: { severity: 'info', what: 'A client connected.' },
  SessionClosed: { severity: 'info', what: 'A client is gone.' },
  LoginFailed: { severity: 'warning', imap: 'AUTHENTICATIONFAILED', what: 'Wrong user name or password.' },
  LoginUnavailable: {
    severity: 'warning',
    imap: 'UNAVAILABLE',
    what: 'The partition of the user cannot be asked for the password.',
  },
  CommandFailed: { severity: 'error', imap: 'SERVERBUG', what: 'A command failed inside the server.' },
  ClientTooSlow: { severity: 'warning', what: 'A client does not read its answers; its connection is closed.' },
  TooManySessions: { severity: 'warning', imap: 'UNAVAILABLE', what: 'The limit of sessions is reached.' },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof table;
export const codes: Readonly<Record<Code, CodeEntry>> = table;
