import type { SettingOrigins } from '../setting-origins.ts';

const value = (path: string): string => `chart \`${path}\``;
const CHART = 'the chart';

/** Which value of the chart a field of the operator's configuration comes from. */
export const operatorOrigins: SettingOrigins = {
  identity: 'name of the pod',
  watchNamespaces: value('watchNamespaces'),
  'lease.namespace': CHART,
  'lease.name': CHART,
  'lease.durationSeconds': value('leaderElection.durationSeconds'),
  'lease.renewDeadlineMs': value('leaderElection.renewDeadlineMs'),
  'lease.intervalMs': value('leaderElection.intervalMs'),
  'listen.host': value('listenAddress'),
  'listen.port': CHART,
  'images.imapd': value('images.imapd'),
  'images.member': value('images.member'),
  'images.postgres.image': value('images.postgres.image'),
  'images.postgres.majorVersion': value('images.postgres.majorVersion'),
  'images.mariadb.image': value('images.mariadb.image'),
  'images.mariadb.majorVersion': value('images.mariadb.majorVersion'),
  'images.mysql.image': value('images.mysql.image'),
  'images.mysql.majorVersion': value('images.mysql.majorVersion'),
  'imapd.resources.requests': value('imapd.resources'),
  'imapd.resources.limits': value('imapd.resources'),
  'pods.pullPolicy': value('images.pullPolicy'),
  'pods.pullSecrets': value('images.pullSecrets'),
  'pods.anyAddress': value('listenAddress'),
  'pods.logLevel': value('logLevel'),
  'pods.operatorPeers': CHART,
  'pods.scraperPeers': value('networkPolicy.scrapers'),
  'members.replaceLostAfterSeconds': value('members.replaceLostAfterSeconds'),
  'members.upgrade': value('members.upgrade'),
  'keys.rotationGraceSeconds': value('keys.rotationGraceSeconds'),
  'apiServer.maxRequests': value('apiServer.maxRequests'),
  logLevel: value('logLevel'),
};

/** The same of `probe`, which `helm test` runs. */
export const probeOrigins: SettingOrigins = {
  host: value('loginTest.host'),
  port: value('loginTest.port'),
  'tls.security': value('loginTest.security'),
  'tls.verifyCertificate': value('loginTest.verifyCertificate'),
  'tls.serverName': value('loginTest.serverName'),
  'tls.caFile': value('loginTest.caSecretName'),
  credentialsDirectory: value('loginTest.credentialsSecretName'),
  mailbox: value('loginTest.mailbox'),
  deadlineMs: value('loginTest.timeoutSeconds'),
};
