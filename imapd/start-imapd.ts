import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { ClientBase } from 'pg';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Logger } from '#runtime/logger.ts';
import { createAdminServer } from './admin/admin-server.ts';
import { FailureLedger } from './auth/failure-ledger.ts';
import { passwordAuthenticator } from './auth/password-authenticator.ts';
import { PasswordHasher } from './auth/password-hasher.ts';
import { VerifiedLogins } from './auth/verified-logins.ts';
import { Capabilities } from './commands/capability-table.ts';
import { createCommands } from './commands/registry.ts';
import type { ImapdConfiguration } from './configuration.ts';
import { MailboxServices } from './mailbox/mailbox-services.ts';
import { MetricSet } from './metrics/metric-set.ts';
import { noteRepositories, routingMetrics } from './metrics/routing-metrics.ts';
import { sessionMetrics } from './metrics/session-metrics.ts';
import { DEFAULT_LIMITS } from './protocol/limits.ts';
import { systemClock } from './routing/clock.ts';
import { credentialsFrom } from './routing/credentials.ts';
import { NonceBook } from './routing/nonce-book.ts';
import type { RoutingObserver } from './routing/observer.ts';
import { RecentContent } from './routing/recent-content.ts';
import { RecentContentStore } from './routing/recent-content-store.ts';
import type { RepositoryAccess } from './routing/repository-access.ts';
import { RoutingTable } from './routing/routing-table.ts';
import { UserStores } from './routing/user-stores.ts';
import { Admission } from './session/admission.ts';
import { type ImapListener, startImapListener } from './session/listener.ts';
import { DEFAULT_SESSION_LIMITS } from './session/session-limits.ts';
import type { SessionServices } from './session/session-services.ts';
import { PostgresStore } from './store/postgres/postgres-store.ts';
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
  const { table, stores } = await startRouting(configuration, { metrics, log });
  const { hasher, verified, authenticator } = await startAuthentication(configuration, { stores, log });
  const ending = new AbortController();
  const { token } = configuration.admin;
  const mailboxes = new MailboxServices({ log, token, newOperation, signal: ending.signal });
  const tls = configuration.tls === undefined ? null : new TlsFiles(configuration.tls, log);
  const services = sessionServices(configuration, { authenticator, mailboxes, metrics, log, tls });
  let serving = false;
  const admin = createAdminServer({
    pod: configuration.pod,
    cluster: configuration.cluster,
    publicKeys: configuration.routing.publicKeys,
    nonces: new NonceBook(systemClock, randomUUID),
    repositories: stores.repositories,
    sessions: () => services.admission.sessions,
    ready: () => serving && table.document !== null,
    refresh: () => noteRepositories(metrics, { version: table.version, repositories: stores.repositories }),
    setPeers: (peers) => mailboxes.setPeers(peers),
    receiveHints: (body) => mailboxes.receiveHints(body),
    announce: (mailbox, modSeq) => mailboxes.views.announce(mailbox, modSeq),
    now: () => new Date(),
    maxMessage: DEFAULT_LIMITS.message,
    ...{ table, stores, hasher, verified, newOperation, registry, token, log },
  });
  const adminPort = await listen(admin, configuration);
  const listeners = await startListeners(configuration, services);
  serving = true;
  const stop = async (): Promise<void> => {
    serving = false;
    const { drainGraceMs } = configuration.sessions;
    await Promise.all([...listeners.values()].map((listener) => listener.stop(drainGraceMs)));
    ending.abort();
    await admin.close();
    await stores.close();
    tls?.close();
  };
  const portOf = (name: string): number | null => listeners.get(name)?.port ?? null;
  return { adminPort, imapPort: portOf('imap'), imapsPort: portOf('imaps'), stop };
}

async function startRouting(
  { cluster, pod, routing, credentialsDirectory, pools, sessions, reads }: ImapdConfiguration,
  { metrics, log }: { readonly metrics: MetricSet; readonly log: Logger },
): Promise<{ readonly table: RoutingTable; readonly stores: UserStores }> {
  const table = new RoutingTable({ cluster, publicKeys: routing.publicKeys, log });
  const observer = routingMetrics(metrics);
  const stores = new UserStores({
    table,
    pod,
    log,
    clock: systemClock,
    random: Math.random,
    credentials: (partition) => credentialsFrom(credentialsDirectory, partition),
    sizes: pools,
    writeHoldMs: sessions.writeHoldMs,
    maxHeld: sessions.maxHeld,
    maxReplicaLagMs: reads.maxReplicaLagMs,
    observer,
    openStore: (access) => openStore(access, { maxBytes: reads.recentContentCacheBytes, observer }),
  });
  if (routing.documentFile !== undefined) await readDocument(routing.documentFile, table, log);
  return { table, stores };
}

/** The store of one partition, with its own share of memory for young content. */
function openStore(
  access: RepositoryAccess<ClientBase>,
  { maxBytes, observer }: { readonly maxBytes: number; readonly observer: RoutingObserver },
): Store {
  const onHit = (bytes: number): void =>
    observer.contentRead(access.partition, { source: 'cache', member: '', bytes, fallback: null });
  const recent = new RecentContent(maxBytes);
  return new RecentContentStore(new PostgresStore(access), { recent, epoch: () => access.epoch, onHit });
}

/** A document to begin with; without one, or with an old one, the operator's push comes soon. */
async function readDocument(file: string, table: RoutingTable, log: Logger): Promise<void> {
  try {
    await table.apply((await readFile(file, 'utf8')).trim());
  } catch (error) {
    log.event(
      'RoutingRefused',
      { file, reason: String(error) },
      'No routing document to begin with: waiting for a push.',
    );
  }
}

async function startAuthentication(
  { authentication }: ImapdConfiguration,
  { stores, log }: { readonly stores: UserStores; readonly log: Logger },
) {
  const {
    argon2: cost,
    concurrency,
    cacheMs: ttlMs,
    failureDelayMs: delayMs,
    failureWindowMs: windowMs,
  } = authentication;
  const { maxFailureDelayMs: maxDelayMs, maxFailures } = authentication;
  const hasher = new PasswordHasher({ cost, concurrency });
  await hasher.prepare();
  const verified = new VerifiedLogins({ now, ttlMs, key: randomBytes(32) });
  const failures = new FailureLedger({ now, delayMs, maxDelayMs, maxFailures, windowMs });
  return { hasher, verified, authenticator: passwordAuthenticator({ stores, hasher, failures, verified, log }) };
}

type SessionParts = {
  readonly authenticator: ReturnType<typeof passwordAuthenticator>;
  readonly mailboxes: MailboxServices;
  readonly metrics: MetricSet;
  readonly log: Logger;
  readonly tls: TlsFiles | null;
};

function sessionServices(configuration: ImapdConfiguration, parts: SessionParts): SessionServices {
  const { sessions, capabilities: wanted, authentication } = configuration;
  const limits = { ...DEFAULT_SESSION_LIMITS, maxSessions: sessions.maxPerPod, maxPerUser: sessions.maxPerUser };
  const capabilities = new Capabilities({
    disabled: wanted.disabled,
    tlsAvailable: parts.tls !== null,
    clearTextFromAnywhere: authentication.clearTextFromAnywhere,
    appendLimit: DEFAULT_LIMITS.message,
  });
  const { authenticator, mailboxes, log, tls } = parts;
  return {
    commands: createCommands({ authenticator, capabilities, mailboxes, now: () => new Date() }),
    capabilities,
    admission: new Admission(limits),
    observer: sessionMetrics(parts.metrics),
    log,
    tls,
    limits,
    protocolLimits: DEFAULT_LIMITS,
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
