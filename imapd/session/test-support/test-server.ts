import { randomUUID } from 'node:crypto';
import type { PlaceOf } from '../../acl/mailbox-place.ts';
import { NO_NAMESPACES, type SharedNamespaces } from '../../acl/shared-namespaces.ts';
import { DEFAULT_SHARING_POLICY, type SharingPolicy } from '../../acl/sharing-policy.ts';
import { Standings } from '../../acl/standings.ts';
import { Capabilities, type CapabilityPolicy } from '../../commands/any-state/capability-table.ts';
import type { CommandHandler } from '../../commands/command-handler.ts';
import { DEFAULT_METADATA_POLICY, type MetadataPolicy } from '../../commands/metadata/metadata-policy.ts';
import { createCommands } from '../../commands/registry.ts';
import { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { DEFAULT_LIMITS, type Limits } from '../../protocol/limits.ts';
import type { Store } from '../../store/store.ts';
import type { OperationId } from '../../store/types.ts';
import { Admission } from '../admission.ts';
import type {
  ActAs,
  Authenticator,
  CertificateAuthenticator,
  ScramAuthenticator,
  TokenSignIn,
} from '../authenticator.ts';
import { startImapListener } from '../listener.ts';
import { LoadBalancers } from '../proxy/load-balancers.ts';
import { Peers } from '../proxy/peers.ts';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '../session-limits.ts';
import type { SessionServices } from '../session-services.ts';
import { RecordedLog } from './recorded-log.ts';
import { RecordedObserver } from './recorded-observer.ts';
import { type TestCertificate, testCertificate } from './test-certificate.ts';

export type TestServerOptions = {
  readonly authenticator: Authenticator;
  /** Default: has nobody's keys. */
  readonly scram?: ScramAuthenticator;
  /** Default: nobody signs in by a token. */
  readonly tokens?: TokenSignIn;
  /** Clients are asked for a certificate of this authority. Default: for none. */
  readonly clientAuthority?: string;
  readonly limits?: Partial<SessionLimits>;
  readonly protocolLimits?: Partial<Limits>;
  readonly policy?: Partial<CapabilityPolicy>;
  /** In place of, or beside, those of the registry. */
  readonly handlers?: readonly CommandHandler[];
  /** Default: nobody's mail is anywhere. */
  readonly placeOf?: PlaceOf;
  /** Whom the cluster names as administrators. Default: nobody. */
  readonly admins?: readonly string[];
  /** Networks that send a PROXY header. Default: none. */
  readonly balancers?: readonly string[];
  readonly metadata?: Partial<MetadataPolicy>;
  /** Of all partitions. Default: none. */
  readonly stores?: () => readonly Store[];
  readonly sharing?: Partial<SharingPolicy>;
  /** Default: none. */
  readonly namespaces?: SharedNamespaces;
};

/** An IMAP server as one process runs it, on two free ports of this machine. */
export type TestServer = {
  /** Clear text with STARTTLS. */
  readonly port: number;
  /** Implicit TLS. */
  readonly tlsPort: number;
  readonly certificate: TestCertificate;
  readonly observer: RecordedObserver;
  readonly log: RecordedLog;
  readonly services: SessionServices;
  readonly mailboxes: MailboxServices;
  readonly standings: Standings;
  stop(graceMs?: number): Promise<void>;
};

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const log = new RecordedLog();
  const observer = new RecordedObserver();
  const certificate = await testCertificate(options.clientAuthority);
  const stopped = new AbortController();
  const { notifyPollMs } = { ...DEFAULT_SESSION_LIMITS, ...options.limits };
  const mailboxes = new MailboxServices({ log, token: 'secret', newOperation, notifyPollMs, signal: stopped.signal });
  const freshMs = options.sharing?.groupsFreshMs ?? DEFAULT_SHARING_POLICY.groupsFreshMs;
  const standings = new Standings({ admins: new Set(options.admins), now, freshMs });
  const services = servicesOf(options, { observer, log, certificate, mailboxes, standings });
  const clear = await startImapListener({ host: '127.0.0.1', port: 0, implicitTls: false, services });
  const secure = await startImapListener({ host: '127.0.0.1', port: 0, implicitTls: true, services });
  return {
    port: clear.port,
    tlsPort: secure.port,
    certificate,
    observer,
    log,
    services,
    mailboxes,
    standings,
    async stop(graceMs = 200) {
      await Promise.all([clear.stop(graceMs), secure.stop(graceMs)]);
      stopped.abort();
    },
  };
}

const certificates: CertificateAuthenticator = async () => ({ kind: 'wrong' });
const actAs: ActAs = async () => ({ kind: 'refused', reason: 'there are no admins' });
const noKeys: ScramAuthenticator = async () => ({ kind: 'unavailable' });

const now = (): number => performance.now();
const newOperation = (): OperationId => randomUUID() as OperationId;

type Parts = {
  readonly observer: RecordedObserver;
  readonly log: RecordedLog;
  readonly certificate: TestCertificate;
  readonly mailboxes: MailboxServices;
  readonly standings: Standings;
};

function servicesOf(options: TestServerOptions, parts: Parts): SessionServices {
  const protocolLimits = { ...DEFAULT_LIMITS, ...options.protocolLimits };
  const limits = { ...DEFAULT_SESSION_LIMITS, ...options.limits };
  const capabilities = new Capabilities({
    disabled: [],
    tlsAvailable: true,
    clearTextFromAnywhere: false,
    appendLimit: protocolLimits.message,
    messageLimit: protocolLimits.messageLimit,
    saveLimit: protocolLimits.saveLimit,
    ...options.policy,
  });
  const { authenticator, scram = noKeys, tokens = null, placeOf = () => ({ kind: 'nowhere' }) } = options;
  const { mailboxes } = parts;
  const { idleKeepAliveMs, maxContexts, maxNotifications, maxNotifyOthers } = limits;
  const commands = createCommands({
    ...{
      authenticator,
      scram,
      tokens,
      certificates,
      actAs,
      observer: parts.observer,
      capabilities,
      mailboxes,
      idleKeepAliveMs,
      maxContexts,
      maxNotifications,
      maxNotifyOthers,
      placeOf,
      standings: parts.standings,
    },
    limits: protocolLimits,
    admins: new Set(options.admins),
    now: () => new Date(),
    metadata: { ...DEFAULT_METADATA_POLICY, ...options.metadata },
    stores: options.stores ?? (() => []),
    namespaces: options.namespaces ?? NO_NAMESPACES,
    sharing: { ...DEFAULT_SHARING_POLICY, ...options.sharing },
  });
  const extra = (options.handlers ?? []).map((handler) => [handler.name, handler] as const);
  return {
    commands: new Map([...commands, ...extra]),
    capabilities,
    admission: new Admission(limits),
    peers: new Peers({ ...parts, limits, balancers: new LoadBalancers(options.balancers ?? []) }),
    observer: parts.observer,
    log: parts.log,
    tls: parts.certificate.identity,
    limits,
    protocolLimits,
    now,
    newOperation,
  };
}
