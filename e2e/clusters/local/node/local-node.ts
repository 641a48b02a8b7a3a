import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DaemonName, FaultSignal } from '../../cluster.ts';
import { KeptDaemon } from '../../process/kept-daemon.ts';
import type { Programs } from '../../programs/ensure-programs.ts';
import { searchPath } from '../../programs/search-path.ts';
import { createControlGroup, removeControlGroup } from '../control-groups.ts';
import { SANDBOX_IMAGE } from '../images/own-images.ts';
import type { NodePlan } from '../layout.ts';
import { plugIn, unplug } from '../network.ts';
import { containerdConfig } from './containerd-config.ts';
import { kubeProxyConfig } from './kube-proxy-config.ts';
import { kubeletArguments, kubeletConfig } from './kubelet-config.ts';
import { Machine } from './machine.ts';
import { networkConfig } from './network-config.ts';
import { CONTAINERD_SOCKET, type NodeFolder } from './node-folder.ts';
import { nodeSetup } from './node-setup.ts';

export type NodeInputs = {
  readonly plan: NodePlan;
  readonly peers: readonly NodePlan[];
  readonly folder: NodeFolder;
  readonly logFolder: string;
  readonly programs: Programs;
  readonly init: string;
  /** Of the cluster's authority. */
  readonly authority: string;
  /** Its name, directly below the root: "imapcluster-1-node1". */
  readonly controlGroup: string;
  readonly proxyKubeconfig: string;
  log(text: string): void;
};

const CONTAINERD_MS = 60_000;

/** A node of a local cluster: a machine with containerd, kubelet and kube-proxy. */
export class LocalNode {
  readonly plan: NodePlan;
  readonly #inputs: NodeInputs;
  #machine: Machine | null = null;
  #daemons: ReadonlyMap<DaemonName, KeptDaemon> = new Map();
  readonly #images = new Set<string>();

  constructor(inputs: NodeInputs) {
    this.plan = inputs.plan;
    this.#inputs = inputs;
  }

  /** Whether it has power. */
  get on(): boolean {
    return this.#machine !== null;
  }

  /** Boots the machine, which may have been running before, and starts everything on it. */
  async powerOn(images: readonly string[]): Promise<void> {
    if (this.#machine !== null) return;
    try {
      await this.#boot(images);
    } catch (error) {
      // Half a node is none: the next attempt starts from nothing.
      await this.powerOff();
      throw error;
    }
  }

  async #boot(images: readonly string[]): Promise<void> {
    const { plan, peers, folder, init, logFolder } = this.#inputs;
    await this.#writeConfiguration();
    await this.#emptyControlGroup();
    const machine = await Machine.boot({ name: plan.name, init, logFile: join(logFolder, `${plan.name}.log`) });
    this.#machine = machine;
    this.#daemons = this.#describe(machine);
    await plugIn(plan, machine.pid);
    await machine.run(['sh'], nodeSetup(plan, peers, folder));
    await this.#startContainerd(machine);
    for (const image of images) await this.loadImage(image);
    await this.#daemons.get('kubelet')?.start();
    await this.#daemons.get('kube-proxy')?.start();
  }

  /** Nobody is told: the cable goes first, else dying programs would close their connections. */
  async powerOff(): Promise<void> {
    const machine = this.#machine;
    if (machine === null) return;
    this.#machine = null;
    await unplug(this.plan);
    await Promise.all([machine.powerOff(), ...[...this.#daemons.values()].map((daemon) => daemon.holdDown())]);
    // Addresses of pods that are no more.
    await rm(this.#inputs.folder.addresses, { recursive: true, force: true });
  }

  async signal(name: DaemonName, signal: FaultSignal): Promise<void> {
    this.#running();
    await this.#daemons.get(name)?.signal(signal);
  }

  /** Once each: they stay on the node's disk when it loses power. */
  async loadImage(archive: string): Promise<void> {
    if (this.#images.has(archive)) return;
    await this.#running().run([...this.#ctr(), '--namespace=k8s.io', 'images', 'import', archive]);
    this.#images.add(archive);
  }

  async #writeConfiguration(): Promise<void> {
    const { plan, folder, programs, authority, controlGroup, proxyKubeconfig } = this.#inputs;
    const runc = programs.path('runc');
    const networkPlugins = dirname(programs.path('bridge'));
    await Promise.all([mkdir(folder.networks, { recursive: true }), mkdir(folder.volumes, { recursive: true })]);
    const containerd = containerdConfig({ folder, sandboxImage: SANDBOX_IMAGE, networkPlugins, runc });
    await Promise.all([
      writeFile(folder.containerdConfiguration, containerd),
      writeFile(join(folder.networks, '10-pods.conflist'), networkConfig(plan, folder)),
      writeFile(
        folder.kubeletConfiguration,
        kubeletConfig({ plan, folder, authority, controlGroup: `/${controlGroup}` }),
      ),
      writeFile(folder.proxyConfiguration, kubeProxyConfig(plan.name, proxyKubeconfig)),
      writeFile(folder.resolvConf, ''),
    ]);
  }

  /** The kernel outlives the machine, and a kubelet asks for seconds after each container that it finds there and that is no more. */
  async #emptyControlGroup(): Promise<void> {
    const { controlGroup } = this.#inputs;
    await removeControlGroup(controlGroup);
    await createControlGroup(controlGroup);
  }

  #describe(machine: Machine): ReadonlyMap<DaemonName, KeptDaemon> {
    const { plan, folder, programs, logFolder, log } = this.#inputs;
    const kept = (name: DaemonName, words: readonly string[]): [DaemonName, KeptDaemon] => [
      name,
      new KeptDaemon(
        {
          name: `${plan.name} ${name}`,
          command: machine.inside([programs.path(name), ...words]),
          logFile: join(logFolder, `${plan.name}-${name}.log`),
          environment: { PATH: searchPath(programs.folders) },
          nested: true,
        },
        log,
      ),
    ];
    return new Map([
      kept('containerd', ['--config', folder.containerdConfiguration]),
      kept('kubelet', kubeletArguments(plan, folder)),
      kept('kube-proxy', [`--config=${folder.proxyConfiguration}`, '--v=2']),
    ]);
  }

  async #startContainerd(machine: Machine): Promise<void> {
    const daemon = await this.#daemons.get('containerd')?.start();
    const answers = async (): Promise<boolean> => (await machine.run([...this.#ctr(), 'version'])) !== '';
    await daemon?.until(answers, { what: 'answering', deadlineMs: CONTAINERD_MS });
  }

  #ctr(): readonly string[] {
    return [this.#inputs.programs.path('ctr'), `--address=${CONTAINERD_SOCKET}`];
  }

  #running(): Machine {
    if (this.#machine === null) throw new Error(`${this.plan.name} has no power`);
    return this.#machine;
  }
}
