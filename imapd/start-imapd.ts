import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { canonicalUser } from '#contract/placement.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PlaceOf } from './acl/mailbox-place.ts';
import type { SharedNamespaces } from './acl/shared-namespaces.ts';
import { Standings } from './acl/standings.ts';
import { createAdminServer } from './admin/admin-server.ts';
import { LoginHints } from './auth/login-hints.ts';
import { type Authentication, startAuthentication } from './auth/start-authentication.ts';
import { Capabilities, type SignInWay } from './commands/any-state/capability-table.ts';
import { createCommands } from './commands/registry.ts';
import type { ImapdConfiguration } from './configuration.ts';
import { MailboxServices } from './mailbox/mailbox-services.ts';
import { MetricSet } from './metrics/metric-set.ts';
import { noteRepositories, routingMetrics } from './metrics/routing-metrics.ts';
import { sessionMetrics } from './metrics/session-metrics.ts';
import { systemClock } from './routing/clock.ts';
import { NonceBook } from './routing/nonce-book.ts';
import { Admission } from './session/admission.ts';
import type {
  ActAs,
  Authenticator,
  CertificateAuthenticator,
  ScramAuthenticator,
  TokenSignIn,
} from './session/authenticator.ts';
import { type ImapListener, startImapListener } from './session/listener.ts';
import { LoadBalancers } from './session/proxy/load-balancers.ts';
import { Peers } from './session/proxy/peers.ts';
import type { SessionServices } from './session/session-services.ts';
import { type Routing, startRouting } from './start-routing.ts';
import { collectPeriodically } from './store/collect/collect-periodically.ts';
import type { Store } from './store/store.ts';
import type { OperationId } from './store/types.ts';
import { TlsFiles } from './tls-files.ts';

/** A running IMAP server. */
export type Imapd = {
  readonly adminPort: number;
  /** Bound ports; null where the configuration has no such listener. */
  readonly imapPort: number | null;
  readonly imapsPort: number | null;
  /** BYE to idle sessions, running commands finish, bounded by `drainGraceMs`. */
  stop(): Promise<void>;
};

const newOperation = (): OperationId => randomUUID() as OperationId;
const now = (): number => performance.now();

/**
 * Puts the parts together, from the bottom up: routing → stores → mailboxes → sessions → admin port.
 * @throws ConfigurationError · the error of `listen` where a port is taken
 */
export async function startImapd(configuration: ImapdConfiguration, log: Logger): Promise<Imapd> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new MetricSet(registry);
  const routing = await startRouting(configuration, { observer: routingMetrics(metrics), log });
  const { table, stores, publicKeys, fallback } = routing;
  const capabilities = capabilitiesOf(configuration);
  const offersScram = capabilities.accepts('passwords') && capabilities.has('AUTH=SCRAM-SHA-256');
  const authentication = await startAuthentication(configuration, { stores, log, offersScram, newOperation });
  const ending = new AbortController();
  const { token } = configuration.admin;
  const mailboxes = new MailboxServices({ ...configuration.sessions, log, token, newOperation, signal: ending.signal });
  const tls = tlsOf(configuration, log);
  const places = placesOf(configuration, stores);
  const parts = { ...authentication, ...places, capabilities, mailboxes, metrics, log, tls };
  const services = sessionServices(configuration, parts);
  const collecting = collectPeriodically({
    repositories: () => stores.repositories,
    ...{ signal: ending.signal, log, random: Math.random },
  });
  let serving = false;
  const admin = adminServer(configuration, {
    ready: () => serving && table.document !== null,
    ...{ ...authentication, ...routing, standings: places.standings, mailboxes, services, metrics, registry, log },
  });
  const adminPort = await listen(admin, configuration);
  const listeners = await startListeners(configuration, services);
  serving = true;
  fallback.start();
  const stop = async (): Promise<void> => {
    serving = false;
    const { drainGraceMs } = configuration.sessions;
    await Promise.all([...listeners.values()].map((listener) => listener.stop(drainGraceMs)));
    ending.abort();
    await collecting;
    await fallback.stop();
    await admin.close();
    await stores.close();
    publicKeys.close();
    tls?.close();
  };
  const portOf = (name: string): number | null => listeners.get(name)?.port ?? null;
  return { adminPort, imapPort: portOf('imap'), imapsPort: portOf('imaps'), stop };
}

function tlsOf({ tls, authentication }: ImapdConfiguration, log: Logger): TlsFiles | null {
  const { clientCertificates = null } = authentication;
  return tls === undefined ? null : new TlsFiles({ ...tls, clients: clientCertificates }, log);
}

const adminsOf = ({ authentication }: ImapdConfiguration): ReadonlySet<string> =>
  new Set(authentication.admins.map(canonicalUser));

/** Where mailboxes are, and what a user is to those of others. */
const placesOf = (configuration: ImapdConfiguration, stores: Routing['stores']) => ({
  namespaces: stores.namespaces,
  placeOf: ((user) => stores.ofUser(user)) satisfies PlaceOf,
  stores: (): readonly Store[] => [...stores.all.values()],
  standings: new Standings({ admins: adminsOf(configuration), now, freshMs: configuration.sharing.groupsFreshMs }),
});

type AdminParts = Authentication &
  Routing & {
    readonly standings: Standings;
    readonly mailboxes: MailboxServices;
    readonly services: SessionServices;
    readonly metrics: MetricSet;
    readonly registry: Registry;
    readonly log: Logger;
    readonly ready: () => boolean;
  };

function adminServer(configuration: ImapdConfiguration, parts: AdminParts): FastifyInstance {
  const { stores, table, fallback, mailboxes, services, metrics, failureHints, log } = parts;
  const { token, heartbeatChannels } = configuration.admin;
  const loginHints = new LoginHints({ token, log });
  return createAdminServer({
    ...parts,
    ...{ pod: configuration.pod, cluster: configuration.cluster, token, loginHints, newOperation },
    heartbeatChannels,
    bootId: randomUUID(),
    heard: () => fallback.heard(),
    nonces: new NonceBook(systemClock, randomUUID),
    repositories: stores.repositories,
    sessions: () => services.admission.sessions,
    refresh: () => noteRepositories(metrics, { version: table.version, repositories: stores.repositories }),
    setPeers(peers) {
      mailboxes.setPeers(peers);
      loginHints.setPeers(peers);
      failureHints.setPeers(peers);
    },
    receiveHints: (body) => mailboxes.receiveHints(body),
    announce: (mailbox, modSeq) => mailboxes.views.announce(mailbox, modSeq),
    now: () => new Date(),
    maxMessage: configuration.protocol.message,
  });
}

function capabilitiesOf({ capabilities, tls, authentication, protocol }: ImapdConfiguration): Capabilities {
  return new Capabilities({
    ...capabilities,
    tlsAvailable: tls !== undefined,
    clearTextFromAnywhere: authentication.clearTextFromAnywhere,
    appendLimit: protocol.message,
    messageLimit: protocol.messageLimit,
    saveLimit: protocol.saveLimit,
    ways: waysOf(authentication),
  });
}

const waysOf = ({
  passwords,
  oauth,
  clientCertificates,
}: ImapdConfiguration['authentication']): readonly SignInWay[] => [
  ...(passwords ? (['passwords'] as const) : []),
  ...(oauth === undefined ? [] : (['tokens'] as const)),
  ...(clientCertificates === undefined ? [] : (['certificates'] as const)),
];

type SessionParts = {
  readonly authenticator: Authenticator;
  readonly scram: ScramAuthenticator;
  readonly tokens: TokenSignIn | null;
  readonly certificates: CertificateAuthenticator;
  readonly actAs: ActAs;
  readonly capabilities: Capabilities;
  readonly standings: Standings;
  readonly mailboxes: MailboxServices;
  readonly metrics: MetricSet;
  readonly log: Logger;
  readonly tls: TlsFiles | null;
  readonly placeOf: PlaceOf;
  readonly namespaces: SharedNamespaces;
  readonly stores: () => readonly Store[];
};

function sessionServices(configuration: ImapdConfiguration, parts: SessionParts): SessionServices {
  const { sessions: limits, protocol: protocolLimits } = configuration;
  const { capabilities, log, tls } = parts;
  const { idleKeepAliveMs, maxContexts, maxNotifications, maxNotifyOthers } = limits;
  const observer = sessionMetrics(parts.metrics);
  const balancers = new LoadBalancers(configuration.proxyProtocolFrom);
  return {
    commands: createCommands({
      ...{ ...parts, observer, limits: protocolLimits, metadata: configuration.metadata },
      ...{ idleKeepAliveMs, maxContexts, maxNotifications, maxNotifyOthers, sharing: configuration.sharing },
      admins: adminsOf(configuration),
      now: () => new Date(),
    }),
    capabilities,
    admission: new Admission(limits),
    peers: new Peers({ balancers, limits, observer, log }),
    observer,
    log,
    tls,
    limits,
    protocolLimits,
    now,
    newOperation,
  };
}

/** The admin port is this process's own, also where workers share the ports of IMAP (`node:cluster`). */
async function listen(admin: FastifyInstance, { admin: { host, port } }: ImapdConfiguration): Promise<number> {
  await admin.listen({ host, port, exclusive: true });
  const address = admin.server.address();
  return address === null || typeof address === 'string' ? port : address.port;
}

async function startListeners(
  { listen: wanted, tls }: ImapdConfiguration,
  services: SessionServices,
): Promise<ReadonlyMap<string, ImapListener>> {
  const listeners = new Map<string, ImapListener>();
  if (wanted.imap !== undefined) {
    listeners.set('imap', await startImapListener({ ...wanted.imap, implicitTls: false, services }));
  }
  if (wanted.imaps !== undefined && tls !== undefined) {
    listeners.set('imaps', await startImapListener({ ...wanted.imaps, implicitTls: true, services }));
  }
  return listeners;
}
