/**
 * Numbers of the servers' errors that somebody decides by (`errno` of `ServerError`). Those below 1900 are common to both;
 * above that each has its own, and neither gives the other's number to something else of this table.
 */
export const errorCodes = {
  // Somebody else was there first, or holds what we need: the transaction is run again.
  deadlock: 1213,
  /** Rolls back the statement alone: what came before it is still to be rolled back. */
  lockWaitTimeout: 1205,
  /** MariaDB: the row has changed since the snapshot. */
  recordChanged: 1020,
  /** MySQL: of NOWAIT. */
  lockNotAvailable: 3572,

  // Of one statement.
  duplicateKey: 1062,
  /** NULL in a column that has none. */
  mayNotBeNull: 1048,
  outOfRange: 1264,
  noSuchTable: 1146,
  noDefault: 1364,

  // Not a primary, or fenced.
  readOnlyServer: 1290,
  /** Of the session or the transaction. */
  readOnlyTransaction: 1792,
  readOnlyMode: 1836,

  // Not our member, or not any more.
  accountLockedMariadb: 4151,
  accountLockedMysql: 3118,
  offline: 3032,
  noAccess: 1044,
  noDatabase: 1049,
  hostBlocked: 1129,
  hostRefused: 1130,
  shuttingDown: 1053,
  sessionKilledMysql: 3169,
  sessionKilledMariadb: 1927,
  /** MySQL ends a session that was idle for too long. */
  idleTooLong: 4031,

  passwordRefused: 1045,
  /** MySQL: an account that signs in by a plug-in that is not there. */
  pluginMissing: 1524,

  // No room for one more session.
  tooManyConnections: 1040,
  tooManyOfUser: 1203,
  userLimit: 1226,
  outOfMemory: 1041,

  // No space.
  diskFull: 1021,
  tableFull: 1114,
  errorOnWrite: 1026,
  errorWritingFile: 3,
  // Of the system, whose own number is in the message.
  cannotCreateFile: 1,
  storageEngineFailed: 1030,

  /** Of KILL: it has ended by itself. */
  noSuchSession: 1094,

  // Somebody stopped it.
  interrupted: 1317,
  statementTimeoutMysql: 3024,
  statementTimeoutMariadb: 1969,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The same, as sets for who classifies. */
export const errorSets = {
  race: of('deadlock', 'lockWaitTimeout', 'recordChanged', 'lockNotAvailable'),
  readOnly: of('readOnlyServer', 'readOnlyTransaction', 'readOnlyMode'),
  /** The server ends the session, or has not let it begin, for a reason that another member may not have. */
  member: of(
    'accountLockedMariadb',
    'accountLockedMysql',
    'offline',
    'noAccess',
    'noDatabase',
    'hostBlocked',
    'shuttingDown',
    'sessionKilledMysql',
    'sessionKilledMariadb',
    'idleTooLong',
  ),
  busy: of('tooManyConnections', 'tooManyOfUser', 'userLimit', 'outOfMemory'),
  full: of('diskFull', 'tableFull', 'errorOnWrite', 'errorWritingFile'),
  ofSystem: of('cannotCreateFile', 'storageEngineFailed'),
} as const;

function of(...names: readonly ErrorCode[]): ReadonlySet<number> {
  return new Set(names.map((name) => errorCodes[name]));
}
