import { randomUUID } from 'node:crypto';
import { Capabilities, type CapabilityPolicy } from '../../commands/capability-table.ts';
import type { CommandHandler } from '../../commands/command-handler.ts';
import { createCommands } from '../../commands/registry.ts';
import { DEFAULT_LIMITS, type Limits } from '../../protocol/limits.ts';
import type { Store } from '../../store/store.ts';
import type { OperationId } from '../../store/types.ts';
import { Admission } from '../admission.ts';
import type { Authenticator } from '../authenticator.ts';
import { startImapListener } from '../listener.ts';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '../session-limits.ts';
import type { SessionServices } from '../session-services.ts';
import { RecordedLog } from './recorded-log.ts';
import { RecordedObserver } from './recorded-observer.ts';
import { type TestCertificate, testCertificate } from './test-certificate.ts';

export type BareServerOptions = {
  readonly authenticator?: Authenticator;
  readonly limits?: Partial<SessionLimits>;
  readonly protocolLimits?: Partial<Limits>;
  readonly policy?: Partial<CapabilityPolicy>;
  /** In place of, or beside, those of the registry. */
  readonly handlers?: readonly CommandHandler[];
};

export type BareServer = {
  readonly port: number;
  readonly tlsPort: number;
  readonly certificate: TestCertificate;
  readonly observer: RecordedObserver;
  readonly log: RecordedLog;
  readonly services: SessionServices;
  stop(graceMs?: number): Promise<void>;
};

export const NEIGHBOUR = { user: 'neighbour', password: 'neighbour' } as const;

/** Signing in needs no store; whatever does is not for this server. */
const noStore = new Proxy({} as Store, {
  get: (_, property) => {
    throw new Error(`this server has no store (${String(property)})`);
  },
});

const knowsOnlyTheNeighbour: Authenticator = async ({ user, password }) => {
  const known = user === NEIGHBOUR.user && password === NEIGHBOUR.password;
  return known ? { kind: 'ok', user: { name: user, store: noStore } } : { kind: 'wrong' };
};

/** The whole session layer on real sockets, without any store. */
export async function startBareServer(options: BareServerOptions = {}): Promise<BareServer> {
  const observer = new RecordedObserver();
  const log = new RecordedLog();
  const certificate = await testCertificate();
  const services = servicesOf(options, { observer, log, certificate });
  const clear = await startImapListener({ host: '127.0.0.1', port: 0, implicitTls: false, services });
  const secure = await startImapListener({ host: '127.0.0.1', port: 0, implicitTls: true, services });
  return {
    port: clear.port,
    tlsPort: secure.port,
    certificate,
    observer,
    log,
    services,
    stop: async (graceMs = 1000) => {
      await Promise.all([clear.stop(graceMs), secure.stop(graceMs)]);
    },
  };
}

function servicesOf(
  options: BareServerOptions,
  parts: { readonly observer: RecordedObserver; readonly log: RecordedLog; readonly certificate: TestCertificate },
): SessionServices {
  const protocolLimits = { ...DEFAULT_LIMITS, ...options.protocolLimits };
  const limits = { ...DEFAULT_SESSION_LIMITS, ...options.limits };
  const capabilities = new Capabilities({
    disabled: [],
    tlsAvailable: true,
    clearTextFromAnywhere: false,
    appendLimit: protocolLimits.message,
    ...options.policy,
  });
  const commands = createCommands({
    authenticator: options.authenticator ?? knowsOnlyTheNeighbour,
    capabilities,
    announce: async () => undefined,
    now: () => new Date(),
  });
  const extra = (options.handlers ?? []).map((handler) => [handler.name, handler] as const);
  return {
    commands: new Map([...commands, ...extra]),
    capabilities,
    admission: new Admission(limits),
    observer: parts.observer,
    log: parts.log,
    tls: parts.certificate.identity,
    limits,
    protocolLimits,
    now: () => performance.now(),
    newOperation: () => randomUUID() as OperationId,
  };
}
