/**
 * The one table of codes. A code is at once the `code` of a log line, the reason of an Event or condition, and the
 * anchor of its page in docs/runbooks. Response codes of IMAP are another matter: they are chosen by what a client can do
 * about a failure, and one of them stands for many of these. A test holds the runbooks against this table.
 */
export type Severity = 'info' | 'warning' | 'error';

export type CodeEntry = {
  readonly severity: Severity;
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
  FileRenewed: { severity: 'info', what: 'A file that a process reads again when it changes has been taken up.' },
  FileUnusable: {
    severity: 'warning',
    what: 'A file that a process reads again when it changes cannot be used; what it said before goes on.',
    todo: 'Mend the file that the message names; it is looked at again by itself.',
  },
  CertificateRenewed: { severity: 'info', what: 'A new TLS certificate serves the connections to come.' },
  CertificateUnusable: {
    severity: 'warning',
    what: 'The files of the TLS certificate have changed and cannot be used; the certificate from before serves on.',
    todo: 'Mend or replace the files; they are looked at again by themselves.',
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
    what: 'Something failed in a way the code does not know.',
    todo: 'Report it with the log lines around it.',
  },
  // The operator on Kubernetes
  LeadershipBegan: { severity: 'info', what: 'This operator leads: it alone acts until it stops or loses the lease.' },
  LeadershipEnded: {
    severity: 'warning',
    what: 'This operator no longer leads and acts no more; it waits to lead again.',
    todo: 'Nothing where another one leads; where none does, see whether the API server answers.',
  },
  CoreFailed: {
    severity: 'error',
    what: 'The part of the operator that watches over one cluster could not begin; it is tried again.',
    todo: 'Mend what the message names; until then nobody is promoted in this cluster.',
  },
  ReconcileFailed: {
    severity: 'warning',
    what: 'An object could not be brought to what its spec asks for; it is tried again.',
    todo: 'Mend what the message names; what ran before runs on.',
  },
  NameTaken: {
    severity: 'error',
    what: 'An object of a name that the operator needs belongs to somebody else, and is left alone.',
    todo: 'Rename or delete that object, or name the cluster or partition otherwise.',
  },
  PlacementConflict: {
    severity: 'error',
    what: 'A partition claims slots or users that an earlier one of its cluster holds; they stay there.',
    todo: 'Take them out of spec.holds of one of the two.',
  },
  ClusterMissing: {
    severity: 'warning',
    what: 'The ImapCluster that a partition names does not exist; its servers run on, and nobody is promoted.',
    todo: 'Create the ImapCluster, or delete the partition.',
  },
  Unsupported: {
    severity: 'error',
    what: 'A spec asks for something that this version cannot do.',
    todo: 'Do what the message says, or use a version that can.',
  },
  KindsOutdated: {
    severity: 'error',
    what: 'The CustomResourceDefinitions in the API server are older than the operator.',
    todo: 'Apply those of the version of the operator; the message names what they lack.',
  },
  DeletionHeld: {
    severity: 'warning',
    what: 'A partition was deleted that holds users, or may hold some; it serves on until that is confirmed.',
    todo: 'Move or delete its users, or annotate it with imapcluster.io/confirm-deletion and its name.',
  },
  ConditionTroubled: {
    severity: 'warning',
    what: 'A condition of a cluster or partition has turned to a reason for which somebody may have to do something.',
    todo: 'Read the page of the condition, and there the reason; its Event is called after that.',
  },
  ConditionCleared: { severity: 'info', what: 'What a condition told of is over.' },
  CertificateMissing: {
    severity: 'error',
    what: 'The Secret with the certificate of a cluster does not exist, or holds none; pods that start wait for it.',
    todo: 'Create the Secret that spec.tls.secretName names, with tls.crt and tls.key.',
  },
  SlotsUncovered: {
    severity: 'warning',
    what: 'Some slots of a cluster are in no partition; users in them have no mailbox and cannot sign in.',
    todo: 'Give the slots that the message names to a partition.',
  },
  // Members
  ServerExited: {
    severity: 'error',
    what: 'A database server ended by itself.',
    todo: 'The operator restarts or replaces it; its last log lines are in the event.',
  },
  ServerHung: {
    severity: 'error',
    what: 'A database server ran and did not answer; the operator had it killed, and starts it again.',
    todo: 'If it hangs again, look at its disk and its machine.',
  },
  ServerStartFailed: {
    severity: 'error',
    what: 'A database server does not start; it is tried again and again.',
    todo: 'Mend what its last log lines name; a damaged replica is made anew if its data directory is moved away.',
  },
  ServerStartHung: {
    severity: 'error',
    what: 'A database server that was starting did nothing for long; its agent killed it, and starts it again.',
    todo: 'If it hangs again, look at its disk and its machine.',
  },
  CopyHeldUp: {
    severity: 'warning',
    what: 'A copy of a primary waited for commits, and those for replicas that are not there; its agent ended it and starts it shut.',
    todo: 'Usually nothing: it is opened again as soon as a replica is there.',
  },
  DiskFull: {
    severity: 'error',
    what: 'A database has no disk space left.',
    todo: 'Grow the volume or free space; writing goes on by itself.',
  },
  DiskSpaceBack: { severity: 'info', what: 'A database that had no disk space left takes everything again.' },
  PasswordsReplaced: { severity: 'info', what: 'Roles of a database have new passwords.' },
  CommandExpired: {
    severity: 'warning',
    what: 'A command of the operator had expired when it reached the agent: it was long under way, or their clocks differ.',
    todo: 'Compare the clocks of the two machines; where they differ by seconds, have them synchronised.',
  },
  MemberIsolated: {
    severity: 'error',
    what: 'A primary lost both operator and peers and refuses mail until one is back.',
  },
  MemberRejoined: { severity: 'info', what: 'A member follows the primary again.' },
  RejoinNeeded: {
    severity: 'error',
    what: 'A member that has to be brought back does not get on.',
    todo: 'The message says what hinders it; once that is mended it is rebuilt by itself.',
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
  SchemaMigrated: { severity: 'info', what: 'The mail schema of a partition is the one that imapd expects again.' },
  MigrationFailed: {
    severity: 'error',
    what: 'The mail schema of a partition could not be brought up to date; no imapd is told of the partition.',
    todo: 'Read the message: a newer schema needs a newer program, anything else is tried again.',
  },
  RecordDamaged: {
    severity: 'error',
    what: 'What the operator had written down about a partition was changed or damaged; it does nothing there until that is mended.',
    todo: 'The message says what is wrong and how to go on.',
  },
  RecordRestored: {
    severity: 'warning',
    what: 'Somebody changed or deleted what the operator had written down about a partition; it was written again.',
    todo: 'Leave the ConfigMap to the operator; find out who changes it.',
  },
  PasswordsAnnounced: {
    severity: 'info',
    what: 'Agents and imapd are told new passwords of a database, which come into force once everybody knows them.',
  },
  PasswordsInForce: {
    severity: 'info',
    what: 'New passwords of a database are in force: the agent of its primary gives them to it.',
  },
  SigningKeyRotated: { severity: 'info', what: 'A new key signs routing documents, heartbeats and commands.' },
  TargetsConverged: { severity: 'info', what: 'Every imapd process obeys the newest routing document.' },
  TargetsLagging: { severity: 'warning', what: 'An imapd process has not acknowledged the newest routing document.' },
  // Routing inside imapd
  RoutingApplied: { severity: 'info', what: 'A newer routing document is in force.' },
  RoutingRefused: { severity: 'warning', what: 'A routing document was refused: signature, version or epoch.' },
  WriterLost: { severity: 'warning', what: 'A repository has no writer; commands that need one are held.' },
  WriterBack: { severity: 'info', what: 'A repository has a writer again; held commands go on.' },
  CredentialsRefused: {
    severity: 'error',
    what: 'imapd cannot sign in to a database: there are no credentials, or the database refuses them.',
    todo: 'Compare the password that imapd was given for the partition with that of the role in the database.',
  },
  DatabaseNotVerified: {
    severity: 'error',
    what: 'A database server does not prove over TLS that it is who was meant; imapd tells it nothing.',
    todo: 'See what the reason says of its certificate: renew it, or mend `spec.repository.tls` of the partition.',
  },
  HoldExpired: {
    severity: 'warning',
    what: 'Commands waited for a writer longer than writeHold.',
  },
  MarksDropped: {
    severity: 'warning',
    what: 'Marks that were put off while there was no writer are dropped, because too many wait.',
    todo: 'See why there is no writer; messages stay unread, or recent, that a client has read meanwhile.',
  },
  SignaturesDropped: {
    severity: 'warning',
    what: 'Signatures of messages that searches have made could not be stored, and are dropped.',
    todo: 'See what the error says of the database; searches read those messages again.',
  },
  ContentCorrupt: {
    severity: 'error',
    what: 'A chunk of a message does not match its hash.',
    todo: 'The member is not read from for a while; check its disk and rebuild it.',
  },
  // Sessions
  SessionOpened: { severity: 'info', what: 'A client connected.' },
  SessionClosed: { severity: 'info', what: 'A client is gone.' },
  LoginFailed: {
    severity: 'warning',
    what: 'A sign-in was refused: wrong user name or password, or a token that is not accepted.',
  },
  ClientIdentified: { severity: 'info', what: 'A mail program says what it is.' },
  ActingFor: { severity: 'info', what: 'An admin signed in to act for another user.' },
  ActingRefused: {
    severity: 'warning',
    what: 'Somebody signed in and wanted to act for another user, without being allowed to.',
    todo: 'Name in `admins` whoever may; otherwise ask whose password that was.',
  },
  LoginUnavailable: {
    severity: 'warning',
    what: 'Nobody can be asked whether the user is who it says: the partition, or the issuer of tokens.',
  },
  IssuerUnreachable: {
    severity: 'warning',
    what: 'The keys of the issuer of tokens cannot be fetched.',
    todo: 'Make the issuer reachable from imapd, and check `issuer`, `jwksUri` and the authority of its certificate.',
  },
  ProxyHeaderRefused: {
    severity: 'warning',
    what: 'A load balancer handed on a connection without a PROXY header that can be read.',
    todo: 'Let the load balancer send the PROXY protocol, or take its network out of proxyProtocolFrom.',
  },
  CommandFailed: { severity: 'error', what: 'A command failed inside the server.' },
  ClientTooSlow: { severity: 'warning', what: 'A client does not read its answers; its connection is closed.' },
  TooManySessions: { severity: 'warning', what: 'The limit of sessions is reached.' },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof table;
export const codes: Readonly<Record<Code, CodeEntry>> = table;
