import { constants, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Cluster, ClusterNode, FaultSignal, Faults } from '../cluster.ts';
import { allProcesses, processesOfPod } from '../process/process-tree.ts';
import type { Programs } from '../programs/ensure-programs.ts';
import type { TrackedConnection } from '../tracked-connection.ts';
import { installAddons, waitUntilUsable } from './addons/install-addons.ts';
import { type ClusterFolder, clusterFolder } from './cluster-folder.ts';
import { readConnections } from './connections/read-connections.ts';
import { ControlPlane } from './control-plane/control-plane.ts';
import { writeOwnImages } from './images/own-images.ts';
import { kubectlFor } from './kubectl.ts';
import { type NodePlan, planNodes } from './layout.ts';
import { createNetwork, setLink } from './network.ts';
import { LocalNode } from './node/local-node.ts';
import { nodeFolder } from './node/node-folder.ts';
import { Provisioner } from './storage/provisioner.ts';

export type LocalClusterOptions = {
  readonly stateFolder: string;
  readonly nodes: number;
  readonly programs: Programs;
  /** What a person wants to know: steps, deaths. */
  log(text: string): void;
};

/**
 * A whole Kubernetes of processes on this machine. Must run inside namespaces of its own (see namespaces.ts), whose end
 * takes everything with it: there is no orderly stop, nor anything that would need one.
 */
export class LocalCluster implements Cluster {
  readonly provider = 'local';
  readonly kubeconfig: string;
  readonly nodes: readonly ClusterNode[];
  readonly programFolders: readonly string[];
  readonly auditLog: string;
  readonly faults: Faults;
  readonly #nodes: ReadonlyMap<string, LocalNode>;
  readonly #images: string[];
  readonly #imageFolder: string;
  #loads = 0;

  private constructor(parts: Parts) {
    const { folder, plans, programs, controlPlane, nodes, images } = parts;
    this.kubeconfig = folder.kubeconfig;
    this.nodes = plans.map(({ name, address }) => ({ name, address }));
    this.programFolders = programs.folders;
    this.auditLog = controlPlane.files.auditLog;
    this.#nodes = new Map(nodes.map((node) => [node.plan.name, node]));
    this.#images = images;
    this.#imageFolder = folder.images;
    this.faults = this.#createFaults(controlPlane);
  }

  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const { programs, log } = options;
    const folder = clusterFolder(options.stateFolder);
    const plans = planNodes(options.nodes);
    await mkdir(folder.logs, { recursive: true });
    const { init } = folder;
    log('writing the images of pause and CoreDNS');
    const images = [...(await writeOwnImages(folder.images, { init, coredns: programs.path('coredns') }))];
    await createNetwork();
    log('starting etcd and the API server');
    const controlPlane = await ControlPlane.start({ folder, programs, nodes: plans, log });
    log(`starting ${plans.map(({ name }) => name).join(', ')}`);
    const nodes = await startNodes({ folder, plans, programs, init, controlPlane, images, log });
    const kubectl = kubectlFor(programs.path('kubectl'), folder.kubeconfig);
    await installAddons(kubectl, plans.length);
    await startProvisioner(folder, log);
    log('waiting for nodes and CoreDNS');
    await waitUntilUsable(
      kubectl,
      plans.map(({ name }) => name),
    );
    return new LocalCluster({ folder, plans, programs, controlPlane, nodes, images });
  }

  async loadImage(archive: string): Promise<void> {
    // A copy: a node without power gets it when it is switched on, and by then the file may be gone or another image's.
    this.#loads += 1;
    const kept = join(this.#imageFolder, `loaded-${this.#loads}.tar`);
    await copyFile(archive, kept, constants.COPYFILE_FICLONE);
    this.#images.push(kept);
    await Promise.all([...this.#nodes.values()].filter(({ on }) => on).map((node) => node.loadImage(kept)));
  }

  async connections(): Promise<readonly TrackedConnection[] | null> {
    return await readConnections();
  }

  cannot(): null {
    return null;
  }

  #createFaults(controlPlane: ControlPlane): Faults {
    const node = (name: string): LocalNode => this.#node(name);
    return {
      cutNetwork: async (name) => await setLink(node(name).plan, 'down'),
      healNetwork: async (name) => await setLink(node(name).plan, 'up'),
      powerOff: async (name) => await node(name).powerOff(),
      powerOn: async (name) => await node(name).powerOn(this.#images),
      signalDaemon: async (name, daemon, signal) => await node(name).signal(daemon, signal),
      signalInPod: async (podUid, program, signal) => {
        const found = processesOfPod(await allProcesses(), podUid, program);
        return found.filter(({ pid }) => signalled(pid, signal)).length;
      },
      stopApiServer: async () => await controlPlane.stopApiServer(),
      startApiServer: async () => await controlPlane.startApiServer(),
    };
  }

  #node(name: string): LocalNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}: there are ${[...this.#nodes.keys()].join(', ')}`);
    return node;
  }
}

/** False where it has ended meanwhile: children of a server come and go, and die with it. */
function signalled(pid: number, signal: FaultSignal): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

type Parts = {
  readonly folder: ClusterFolder;
  readonly plans: readonly NodePlan[];
  readonly programs: Programs;
  readonly controlPlane: ControlPlane;
  readonly nodes: readonly LocalNode[];
  readonly images: string[];
};

type NodesInputs = Omit<Parts, 'nodes'> & { readonly init: string; log(text: string): void };

async function startNodes(inputs: NodesInputs): Promise<readonly LocalNode[]> {
  const { folder, plans, programs, init, controlPlane, images, log } = inputs;
  return await Promise.all(
    plans.map(async (plan) => {
      const node = new LocalNode({
        plan,
        peers: plans,
        folder: nodeFolder(folder.root, plan.name),
        logFolder: folder.logs,
        programs,
        init,
        authority: controlPlane.files.authority,
        controlGroup: `${folder.controlGroupPrefix}${plan.name}`,
        proxyKubeconfig: controlPlane.credentials.proxy,
        log,
      });
      await node.powerOn(images);
      return node;
    }),
  );
}

async function startProvisioner(folder: ClusterFolder, log: (text: string) => void): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(folder.kubeconfig);
  const provisioner = new Provisioner({
    config,
    folderOf: (node) => nodeFolder(folder.root, node).volumes,
    log,
    // It lives as long as the cluster, which ends with this process.
    signal: new AbortController().signal,
  });
  await provisioner.start();
}
