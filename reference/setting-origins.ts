/**
 * Where the value of a field of a process's configuration comes from, by its path: kept by hand beside
 * standalone/write-configurations.ts. What is not listed has its default and cannot be changed by a manifest.
 */
export type SettingOrigins = Readonly<Record<string, string>>;

const KEPT = 'made by the supervisor';
/** Not used by standalone. */
const OPERATOR = 'the operator, on Kubernetes';

const cluster = (path: string): string => `ImapCluster \`spec.${path}\``;
const partition = (path: string): string => `MailboxPartition \`spec.${path}\``;
const option = (name: string): string => `\`standalone ${name}\``;

export const imapdOrigins: SettingOrigins = {
  pod: KEPT,
  cluster: 'ImapCluster `metadata.name`',
  'routing.publicKeys': KEPT,
  'routing.publicKeysFile': OPERATOR,
  'routing.documentFile': KEPT,
  'routing.configMap.namespace': OPERATOR,
  'routing.configMap.name': OPERATOR,
  'routing.configMap.key': OPERATOR,
  credentialsDirectory: KEPT,
  'admin.host': 'loopback',
  'admin.port': KEPT,
  'admin.token': KEPT,
  'listen.imap.host': option('--host'),
  'listen.imap.port': option('--imap-port'),
  'listen.imaps.host': option('--host'),
  'listen.imaps.port': option('--imaps-port'),
  'tls.certFile': cluster('tls.secretName'),
  'tls.keyFile': cluster('tls.secretName'),
  'sessions.writeHoldMs': cluster('sessions.writeHold'),
  'sessions.drainGraceMs': cluster('sessions.drainGracePeriod'),
  'sessions.idleKeepAliveMs': cluster('sessions.idleKeepAlive'),
  'sessions.maxPerPod': cluster('sessions.maxPerPod'),
  'sessions.maxPerUser': cluster('sessions.maxPerUser'),
  'sessions.maxStrangers': cluster('sessions.maxUnauthenticated'),
  'sessions.maxStrangersPerAddress': cluster('sessions.maxUnauthenticatedPerAddress'),
  'protocol.message': cluster('messages.maxSize'),
  'protocol.eightBitHeaders': cluster('messages.eightBitHeaders'),
  'protocol.messageLimit': cluster('messages.perCommand'),
  'protocol.saveLimit': cluster('messages.perSave'),
  'reads.maxReplicaLagMs': cluster('reads.maxReplicaLag'),
  'reads.recentContentCacheBytes': cluster('reads.recentContentCache'),
  'reads.readAheadBytes': cluster('reads.readAhead'),
  'reads.searchSignatures': cluster('reads.searchSignatures'),
  'quota.storage': cluster('quota.storage'),
  'quota.messages': cluster('quota.messages'),
  'quota.mailboxes': cluster('quota.mailboxes'),
  'metadata.maxSize': cluster('metadata.maxSize'),
  'metadata.maxEntries': cluster('metadata.maxEntries'),
  'metadata.maxPerUser': cluster('metadata.maxPerUser'),
  'metadata.comment': cluster('metadata.comment'),
  'metadata.admin': cluster('metadata.admin'),
  'sharing.seen': cluster('sharing.seen'),
  'capabilities.disabled': cluster('capabilities.disabled'),
  'capabilities.enabled': cluster('capabilities.enabled'),
  'runAs.uid': option('--user'),
  'runAs.gid': option('--user'),
  logLevel: option('--log-level'),
};

export const memberOrigins: SettingOrigins = {
  cluster: 'ImapCluster `metadata.name`',
  partition: 'MailboxPartition `metadata.name`',
  member: partition('repository.managed.instances'),
  engine: partition('repository.engine'),
  'listen.host': 'loopback',
  'listen.port': KEPT,
  'server.host': 'loopback',
  'server.port': KEPT,
  'server.binDirectory': '`standalone --postgres-bin`, `--mariadb-bin`, `--mysql-bin`',
  'server.majorVersion': OPERATOR,
  'server.dataDirectory': option('--state'),
  'server.socketDirectory': KEPT,
  'server.database': partition('repository.database'),
  'server.parameters': partition('repository.managed.parameters'),
  secretsFile: KEPT,
  operatorKeys: KEPT,
  operatorKeysFile: OPERATOR,
  'operatorKeys[].kty': KEPT,
  'operatorKeys[].crv': KEPT,
  'operatorKeys[].x': KEPT,
  token: KEPT,
  'probe.intervalMs': partition('failover.probeInterval'),
  'isolation.afterMs': 'null where the repository has one member',
  'runAs.uid': option('--user'),
  'runAs.gid': option('--user'),
  logLevel: option('--log-level'),
};
