import type { TrackedConnection } from './tracked-connection.ts';

/** Where a Kubernetes to test on comes from. */
export const providers = ['local', 'kind', 'kubeconfig'] as const;
export type ProviderName = (typeof providers)[number];

export type ClusterNode = { readonly name: string; readonly address: string };

/** A Kubernetes that is up, whoever provides it. */
export type Cluster = {
  readonly provider: ProviderName;
  /** Path. */
  readonly kubeconfig: string;
  readonly nodes: readonly ClusterNode[];
  /** Folders of kubectl, helm and the rest, for PATH; empty where the user's own are taken. */
  readonly programFolders: readonly string[];
  /** Path of the API server's audit log; null where it cannot be had. */
  readonly auditLog: string | null;
  /** Makes an image known to every node. @param archive as `docker save` writes it */
  loadImage(archive: string): Promise<void>;
  /** What the nodes' kernels remember of connections, those that ended a moment ago among them; null where it cannot be had. */
  connections(): Promise<readonly TrackedConnection[] | null>;
  readonly faults: Faults;
  /** Why a fault cannot be done here; null where it can. */
  cannot(fault: FaultName): string | null;
};

/** Programs of a node that can be killed and hung. They come back by themselves when killed. */
export const daemons = ['kubelet', 'containerd', 'kube-proxy'] as const;
export type DaemonName = (typeof daemons)[number];

/** Signals that faults send: to die, to hang, to go on. */
export type FaultSignal = 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM';

/** What can happen to a cluster. Each returns when it has happened; what follows from it takes its time. */
export type Faults = {
  /** The node's cable is pulled: nobody is told, packets are lost. */
  cutNetwork(node: string): Promise<void>;
  healNetwork(node: string): Promise<void>;
  /** The machine is gone with everything that ran on it, without a word; its disk stays. */
  powerOff(node: string): Promise<void>;
  powerOn(node: string): Promise<void>;
  signalDaemon(node: string, daemon: DaemonName, signal: FaultSignal): Promise<void>;
  /** To every process of a pod that has this name, such as "postgres". Returns how many there were. */
  signalInPod(podUid: string, program: string, signal: FaultSignal): Promise<number>;
  stopApiServer(): Promise<void>;
  /** Returns when it is ready again. */
  startApiServer(): Promise<void>;
};
export type FaultName = keyof Faults;

export const faultNames = [
  'cutNetwork',
  'healNetwork',
  'powerOff',
  'powerOn',
  'signalDaemon',
  'signalInPod',
  'stopApiServer',
  'startApiServer',
] as const satisfies readonly FaultName[];

/** A fault that this provider cannot do: a test asks `cannot` first and says that it was left out. */
export class FaultImpossible extends Error {
  override readonly name = 'FaultImpossible';
}
