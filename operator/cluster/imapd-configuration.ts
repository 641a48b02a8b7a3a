import { parseDuration } from '#crds/duration.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { parseQuantity } from '#crds/quantity.ts';
import { AUTHORITY_KEY } from '#crds/secret-references.ts';
import { namespaceOf } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdAuthentication, type OwnParts } from './imapd-authentication.ts';
import type { ImapdInput } from './imapd-input.ts';
import { IMAPD_PATH, PUBLIC_KEYS_FILE, ROUTING_FILE } from './imapd-paths.ts';
import { IMAPD_PORT, type NamedPort } from './imapd-ports.ts';

/** Field of the configuration that differs from pod to pod, and is set by an argument: `imapd-deployment.ts`. */
export const POD_FIELD = 'pod';

/**
 * Configuration file of all imapd pods of a cluster (`imapd/configuration.ts`, which the operator may not import; that it
 * fits is tested where both are known, in `standalone/pod-configurations.test.ts`). Without `pod`.
 */
export function imapdConfiguration({ cluster, pods, adminToken, scramSecret }: ImapdInput) {
  const listen = ({ port }: NamedPort) => ({ host: pods.anyAddress, port });
  const { tls } = cluster.spec;
  return {
    cluster: cluster.metadata.name,
    routing: {
      publicKeysFile: `${IMAPD_PATH.configuration}/${PUBLIC_KEYS_FILE}`,
      documentFile: `${IMAPD_PATH.routing}/${ROUTING_FILE}`,
      configMap: { namespace: namespaceOf(cluster), name: clusterNames(cluster).routing, key: ROUTING_FILE },
    },
    credentialsDirectory: IMAPD_PATH.credentials,
    admin: { ...listen(IMAPD_PORT.admin), token: adminToken },
    // Without a certificate there is nothing that IMAP over TLS could show.
    listen: { imap: listen(IMAPD_PORT.imap), ...(tls === undefined ? {} : { imaps: listen(IMAPD_PORT.imaps) }) },
    ...(tls === undefined
      ? {}
      : { tls: { certFile: `${IMAPD_PATH.tls}/tls.crt`, keyFile: `${IMAPD_PATH.tls}/tls.key` } }),
    ...imapdBehaviour(cluster, {
      scramSecret,
      issuerAuthority: `${IMAPD_PATH.issuerAuthority}/${AUTHORITY_KEY}`,
      clientAuthority: `${IMAPD_PATH.clientAuthority}/${AUTHORITY_KEY}`,
    }),
    logLevel: pods.logLevel,
  };
}

/** Everything that people choose in the spec, in the units of imapd's configuration; standalone's is made of it too. */
export function imapdBehaviour(cluster: ImapCluster, own: OwnParts) {
  const { sessions, messages, quota, metadata, sharing, reads, capabilities, service } = cluster.spec;
  return {
    authentication: imapdAuthentication(cluster, own),
    proxyProtocolFrom: service.proxyProtocolFrom.toSorted(),
    sessions: {
      writeHoldMs: parseDuration(sessions.writeHold),
      drainGraceMs: parseDuration(sessions.drainGracePeriod),
      idleKeepAliveMs: parseDuration(sessions.idleKeepAlive),
      maxPerPod: sessions.maxPerPod,
      maxPerUser: sessions.maxPerUser,
      maxStrangers: sessions.maxUnauthenticated,
      maxStrangersPerAddress: sessions.maxUnauthenticatedPerAddress,
    },
    protocol: {
      message: Math.round(parseQuantity(messages.maxSize)),
      eightBitHeaders: messages.eightBitHeaders === 'Accept' ? ('accept' as const) : ('refuse' as const),
      messageLimit: messages.perCommand ?? 0,
      saveLimit: messages.perSave ?? 0,
    },
    quota: {
      storage: quota.storage === undefined ? null : Math.round(parseQuantity(quota.storage)),
      messages: quota.messages ?? null,
      mailboxes: quota.mailboxes,
    },
    metadata: {
      maxSize: Math.round(parseQuantity(metadata.maxSize)),
      maxEntries: metadata.maxEntries,
      maxPerUser: Math.round(parseQuantity(metadata.maxPerUser)),
      comment: metadata.comment ?? null,
      admin: metadata.admin ?? null,
    },
    sharing: { seen: sharing.seen === 'PerUser' ? ('perUser' as const) : ('shared' as const) },
    reads: {
      maxReplicaLagMs: parseDuration(reads.maxReplicaLag),
      recentContentCacheBytes: Math.round(parseQuantity(reads.recentContentCache)),
      readAheadBytes: Math.round(parseQuantity(reads.readAhead)),
      searchSignatures: reads.searchSignatures,
    },
    capabilities: {
      disabled: capabilities.disabled.toSorted(),
      enabled: capabilities.enabled.toSorted(),
    },
  };
}
