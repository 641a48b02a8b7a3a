import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '#runtime/test-support/free-ports.ts';
import { Authority, type KeyPair } from '../certificates/authority.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { CommandError } from '../process/command-error.ts';
import { Daemon } from '../process/daemon.ts';
import { ensurePrograms, type Programs } from '../programs/ensure-programs.ts';
import { API_SERVER_PROGRAMS } from './api-server-programs.ts';
import { apiStatus } from './control-plane/api-request.ts';
import { apiServerArguments } from './control-plane/api-server-arguments.ts';
import type { AuditLevel } from './control-plane/audit-policy.ts';
import { type ControlPlaneFiles, writeControlPlaneFiles } from './control-plane/control-plane-files.ts';
import { etcdArguments } from './control-plane/etcd-arguments.ts';

export type ApiServerOptions = {
  /** What the audit log holds of each request; Metadata unless said. */
  readonly auditLevel?: AuditLevel;
  /** Further arguments of kube-apiserver, such as "--max-requests-inflight=3000". */
  readonly arguments?: readonly string[];
  readonly signal?: AbortSignal;
};

/** Who a certificate says one is. */
export type ApiUser = { readonly name: string; readonly groups?: readonly string[] };

const READY_MS = 90_000;
const ATTEMPTS = 3;
const SERVICE_RANGE = '10.96.0.0/16';
const LOOPBACK = '127.0.0.1';

/**
 * A real API server over a real etcd and nothing else, on loopback, for tests of controllers: needs no root, several run
 * side by side, and all is gone when the process that started it is.
 *
 * Nobody acts on what is stored: no pod runs, no owner's children are collected, a deleted namespace stays Terminating.
 * Pods can be created and their status written by the test.
 */
export class ApiServer implements AsyncDisposable {
  readonly endpoint: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the audit log; readAuditLog understands it. */
  readonly auditLog: string;
  readonly #folder: string;
  readonly #authority: Authority;
  readonly #admin: KeyPair;
  readonly #etcd: Daemon;
  readonly #etcdPort: number;
  readonly #startServer: () => Promise<Daemon>;
  #server: Daemon | null = null;

  private constructor(parts: Parts, etcd: Daemon) {
    this.endpoint = `https://${LOOPBACK}:${parts.port}`;
    this.kubeconfig = join(parts.folder, 'admin.kubeconfig');
    this.auditLog = parts.files.auditLog;
    this.#folder = parts.folder;
    this.#authority = parts.authority;
    this.#admin = parts.admin;
    this.#etcd = etcd;
    this.#etcdPort = parts.etcdPort;
    this.#startServer = () => startServer(parts);
  }

  /** Builds the two programs first, if the cache lacks them: call ensurePrograms before a test's own clock runs. */
  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const { signal } = options;
    const programs = await ensurePrograms(API_SERVER_PROGRAMS, signal === undefined ? {} : { signal });
    for (let attempt = 1; ; attempt += 1) {
      const started = await ApiServer.#create(programs, options);
      try {
        await started.#begin();
        return started;
      } catch (error) {
        await started.stop();
        // Between the choice of a port and its use another test may have taken it.
        if (attempt === ATTEMPTS || !isPortTaken(error)) throw error;
      }
    }
  }

  static async #create(programs: Programs, options: ApiServerOptions): Promise<ApiServer> {
    const parts = await prepare(programs, options);
    return new ApiServer(parts, await startEtcd(parts));
  }

  async #begin(): Promise<void> {
    await writeFile(this.kubeconfig, this.#kubeconfigOf(this.#admin), { mode: 0o600 });
    const health = `http://${LOOPBACK}:${this.#etcdPort}/health`;
    await this.#etcd.until(async () => (await fetch(health)).ok, { what: 'healthy', deadlineMs: READY_MS });
    await this.resume();
  }

  /** A kubeconfig for another user, who may do only what RBAC grants. Returns its path. */
  async kubeconfigFor({ name, groups = [] }: ApiUser): Promise<string> {
    const pair = await this.#authority.issue({ commonName: name, organizations: groups, usage: 'client' }, new Date());
    const file = join(this.#folder, `${encodeURIComponent(name)}.kubeconfig`);
    await writeFile(file, this.#kubeconfigOf(pair), { mode: 0o600 });
    return file;
  }

  /** An outage: the server dies at once. What is stored stays. */
  async interrupt(): Promise<void> {
    await this.#server?.kill();
    this.#server = null;
  }

  /** After `interrupt`; returns when the server is ready. */
  async resume(): Promise<void> {
    if (this.#server !== null) return;
    const server = await this.#startServer();
    this.#server = server;
    const access = { endpoint: this.endpoint, authority: this.#authority.certificate, user: this.#admin };
    const ready = async (): Promise<boolean> => (await apiStatus(access, '/readyz')) === 200;
    await server.until(ready, { what: 'ready', deadlineMs: READY_MS });
  }

  /** Stops it and removes what it stored. */
  async stop(): Promise<void> {
    // Nothing that it could still do in good order is of any use.
    await this.interrupt();
    await this.#etcd.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  #kubeconfigOf(user: KeyPair): string {
    return kubeconfig({ server: this.endpoint, authority: this.#authority.certificate, user });
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof CommandError && error.message.includes('address already in use');
}

/** Starts an API server for a test: `await using server = await startApiServer()`. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  return await ApiServer.start(options);
}

type Parts = {
  readonly programs: Programs;
  readonly folder: string;
  readonly files: ControlPlaneFiles;
  readonly authority: Authority;
  readonly admin: KeyPair;
  readonly port: number;
  readonly etcdPort: number;
  readonly peerPort: number;
  readonly further: readonly string[];
};

async function prepare(programs: Programs, options: ApiServerOptions): Promise<Parts> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-api-'));
  const now = new Date();
  const authority = await Authority.create(now);
  const files = await writeControlPlaneFiles({
    folder: join(folder, 'control-plane'),
    authority,
    addresses: [LOOPBACK],
    auditLevel: options.auditLevel ?? 'Metadata',
    now,
  });
  const [port = 0, etcdPort = 0, peerPort = 0] = await freePorts(3);
  const admin = await authority.issue({ commonName: 'admin', organizations: ['system:masters'], usage: 'client' }, now);
  return { programs, folder, files, authority, admin, port, etcdPort, peerPort, further: options.arguments ?? [] };
}

async function startEtcd({ programs, folder, etcdPort, peerPort }: Parts): Promise<Daemon> {
  const inputs = { dataFolder: join(folder, 'etcd'), clientPort: etcdPort, peerPort };
  return await Daemon.start({
    name: 'etcd',
    command: [programs.path('etcd'), ...etcdArguments(inputs)],
    logFile: join(folder, 'etcd.log'),
  });
}

async function startServer({ programs, folder, files, port, etcdPort, further }: Parts): Promise<Daemon> {
  const inputs = { files, address: LOOPBACK, port, etcdPort, serviceRange: SERVICE_RANGE, nodes: false };
  return await Daemon.start({
    name: 'kube-apiserver',
    command: [programs.path('kube-apiserver'), ...apiServerArguments(inputs), ...further],
    logFile: join(folder, 'kube-apiserver.log'),
  });
}
