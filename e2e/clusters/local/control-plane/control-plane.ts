import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Authority } from '../../certificates/authority.ts';
import { KeptDaemon } from '../../process/kept-daemon.ts';
import type { Programs } from '../../programs/ensure-programs.ts';
import type { ProgramName } from '../../programs/program-table.ts';
import { searchPath } from '../../programs/search-path.ts';
import type { ClusterFolder } from '../cluster-folder.ts';
import { layout, type NodePlan } from '../layout.ts';
import { kubeProxyConfig } from '../node/kube-proxy-config.ts';
import { apiStatus } from './api-request.ts';
import { apiServerArguments } from './api-server-arguments.ts';
import { type ControlPlaneFiles, writeControlPlaneFiles } from './control-plane-files.ts';
import { controllerManagerArguments, schedulerArguments } from './controller-arguments.ts';
import { type Credentials, writeCredentials } from './credentials.ts';
import { etcdArguments } from './etcd-arguments.ts';

export type ControlPlaneInputs = {
  readonly folder: ClusterFolder;
  readonly programs: Programs;
  readonly nodes: readonly NodePlan[];
  log(text: string): void;
};

const READY_MS = 120_000;
/**
 * Where controllers are several, those that lead end when they have not renewed their Lease for so long, and are started anew. Alone, as here,
 * they would live on, asking ever more seldom: the longer the outage was, the longer they miss its end, up to a minute, and then
 * give up nodes whose kubelets have just come back.
 */
const LEASE_LOST_MS = 10_000;

async function startAnew(controller: KeptDaemon): Promise<void> {
  await controller.holdDown();
  await controller.start();
}

/** etcd, API server, controllers and scheduler; and a kube-proxy, so that tests reach ClusterIPs as pods do. */
export class ControlPlane {
  readonly files: ControlPlaneFiles;
  readonly credentials: Credentials;
  readonly #authority: Authority;
  readonly #etcd: KeptDaemon;
  readonly #apiServer: KeptDaemon;
  readonly #controllers: readonly KeptDaemon[];
  readonly #proxy: KeptDaemon;
  /** Since when the API server is away. */
  #awaySince: number | null = null;

  private constructor(inputs: ControlPlaneInputs, secrets: Secrets, proxyConfiguration: string) {
    const { folder, programs, log } = inputs;
    const { files, credentials, authority } = secrets;
    this.files = files;
    this.credentials = credentials;
    this.#authority = authority;
    const kept = (name: ProgramName, words: readonly string[]): KeptDaemon =>
      new KeptDaemon(
        {
          name,
          command: [programs.path(name), ...words],
          logFile: join(folder.logs, `${name}.log`),
          environment: { PATH: searchPath(programs.folders) },
        },
        log,
      );
    this.#etcd = kept(
      'etcd',
      etcdArguments({ dataFolder: folder.etcd, clientPort: layout.etcdPort, peerPort: layout.etcdPeerPort }),
    );
    this.#apiServer = kept(
      'kube-apiserver',
      apiServerArguments({
        files,
        address: layout.controlPlane,
        port: layout.apiPort,
        etcdPort: layout.etcdPort,
        serviceRange: layout.services,
        nodes: true,
      }),
    );
    this.#controllers = [
      kept('kube-controller-manager', controllerManagerArguments(files, credentials.controllerManager)),
      kept('kube-scheduler', schedulerArguments(credentials.scheduler)),
    ];
    this.#proxy = kept('kube-proxy', [`--config=${proxyConfiguration}`, '--v=2']);
  }

  /** Issues certificates and starts everything; the API server is ready when this returns. */
  static async start(inputs: ControlPlaneInputs): Promise<ControlPlane> {
    const secrets = await writeSecrets(inputs);
    const proxyConfiguration = join(inputs.folder.controlPlane, 'kube-proxy.yaml');
    // kube-proxy insists on being one node's; the first lends its name.
    const [first] = inputs.nodes;
    await writeFile(proxyConfiguration, kubeProxyConfig(first?.name ?? '', secrets.credentials.proxy));
    const started = new ControlPlane(inputs, secrets, proxyConfiguration);
    await started.#etcd.start();
    await started.startApiServer();
    for (const daemon of [...started.#controllers, started.#proxy]) await daemon.start();
    return started;
  }

  /** Returns when it is ready. */
  async startApiServer(): Promise<void> {
    const access = {
      endpoint: `https://${layout.controlPlane}:${layout.apiPort}`,
      authority: this.#authority.certificate,
      user: this.credentials.admin,
    };
    const ready = async (): Promise<boolean> => (await apiStatus(access, '/readyz')) === 200;
    const daemon = await this.#apiServer.start();
    await daemon.until(ready, { what: 'ready', deadlineMs: READY_MS });
    const awayMs = this.#awaySince === null ? 0 : performance.now() - this.#awaySince;
    this.#awaySince = null;
    if (awayMs > LEASE_LOST_MS) await Promise.all(this.#controllers.map(startAnew));
  }

  /** An outage, until it is started again. */
  async stopApiServer(): Promise<void> {
    this.#awaySince ??= performance.now();
    await this.#apiServer.holdDown();
  }
}

type Secrets = {
  readonly files: ControlPlaneFiles;
  readonly credentials: Credentials;
  readonly authority: Authority;
};

async function writeSecrets({ folder, nodes }: ControlPlaneInputs): Promise<Secrets> {
  const now = new Date();
  const authority = await Authority.create(now);
  const files = await writeControlPlaneFiles({
    folder: folder.controlPlane,
    authority,
    addresses: [layout.controlPlane, layout.apiService, '127.0.0.1'],
    auditLevel: 'Metadata',
    now,
  });
  const { root, controlPlane, kubeconfig } = folder;
  const credentials = await writeCredentials({ root, controlPlane, kubeconfig, nodes, authority, now });
  return { files, credentials, authority };
}
