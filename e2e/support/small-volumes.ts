import type { Cluster } from '../clusters/cluster.ts';
import { postgresImages } from '../images/stand-ins.ts';
import { kubectl, kubectlApply } from './kubectl.ts';

export type SmallVolumesShape = {
  /** Of its own: pods that hold volumes may do what no pod of the product may. */
  readonly namespace: string;
  /** Name of the storage class, and of what is made for it. */
  readonly name: string;
  readonly mebibytes: number;
};

const READY_MS = 60_000;
/** Of the node, where no disk is: it ends with the node. */
const FOLDER = '/run';
/** In the pod that mounts it. */
const VOLUME = '/node/volume';
const FILLER = `${VOLUME}/filler`;

/**
 * A volume on each node that has an end, which folders of a disk have not: a file system in memory, mounted by a pod that may,
 * and a storage class whose volumes these are. What fills a volume lies beside the data and goes without a trace.
 */
export class SmallVolumes implements AsyncDisposable {
  readonly #shape: SmallVolumesShape;
  readonly #nodes: readonly string[];
  #mebibytes: number;

  private constructor(shape: SmallVolumesShape, nodes: readonly string[]) {
    this.#shape = shape;
    this.#nodes = nodes;
    this.#mebibytes = shape.mebibytes;
  }

  static async make(cluster: Cluster, shape: SmallVolumesShape): Promise<SmallVolumes> {
    const volumes = new SmallVolumes(
      shape,
      cluster.nodes.map(({ name }) => name),
    );
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: shape.namespace } };
    await kubectlApply([namespace, volumes.#storageClass(), ...volumes.#nodes.map((node) => volumes.#holder(node))]);
    const holders = volumes.#nodes.map((node) => `pod/${volumes.#named(node)}`);
    const wait = ['wait', ...holders, volumes.#at, '--for=condition=Ready', `--timeout=${READY_MS / 1_000}s`];
    await kubectl(wait, { deadlineMs: READY_MS + 5_000 });
    await kubectlApply(volumes.#nodes.map((node) => volumes.#volume(node)));
    return volumes;
  }

  /** Until not an octet goes in, or that many mebibytes are left, on every node at once. */
  async fill(left = 0): Promise<void> {
    // A second and a third time: what the server gives back meanwhile is taken too.
    if (left === 0)
      return await this.#everywhere(`for round in 1 2 3; do cat /dev/zero >>${FILLER}; done 2>/dev/null; true`);
    const free = `$(df --block-size=1M --output=avail ${VOLUME} | tail -n 1)`;
    await this.#everywhere(
      `more=$(( ${free} - ${left} )); test $more -le 0 || head --bytes=\${more}M /dev/zero >>${FILLER}`,
    );
  }

  async free(): Promise<void> {
    await this.#everywhere(`rm -f ${FILLER}`);
  }

  /** By three times what they had at first, as a disk grows under a running server. */
  async grow(): Promise<void> {
    this.#mebibytes += 3 * this.#shape.mebibytes;
    await this.#everywhere(`mount -o remount,size=${this.#mebibytes}m ${VOLUME}`);
  }

  /** The claims have to be gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const volumes = this.#nodes.map((node) => `persistentvolume/${this.#named(node)}`);
    const { name, namespace } = this.#shape;
    const made = [...volumes, `storageclass/${name}`, `namespace/${namespace}`];
    await kubectl(['delete', ...made, '--ignore-not-found', '--wait=false']);
  }

  get #at(): string {
    return `--namespace=${this.#shape.namespace}`;
  }

  #named(node: string): string {
    return `${this.#shape.name}-${node}`;
  }

  async #everywhere(script: string): Promise<void> {
    await Promise.all(
      this.#nodes.map((node) => kubectl(['exec', this.#named(node), this.#at, '--', 'sh', '-c', script])),
    );
  }

  #storageClass(): object {
    return {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: this.#shape.name },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
  }

  #volume(node: string): object {
    const { name, mebibytes } = this.#shape;
    const home = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: this.#named(node) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: `${mebibytes}Mi` },
        storageClassName: name,
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path: `${FOLDER}/${name}/volume` },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [home] }] } },
      },
    };
  }

  /** What it mounts reaches the node, and through it the pod that claims it. */
  #holder(node: string): object {
    const { name, namespace, mebibytes } = this.#shape;
    const script = [
      `trap 'umount -l ${VOLUME}; exit 0' TERM`,
      `mkdir -p ${VOLUME}`,
      `mount -t tmpfs -o size=${mebibytes}m,mode=0777 tmpfs ${VOLUME}`,
      'touch /tmp/mounted',
      'while :; do sleep 1; done',
    ].join('\n');
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: this.#named(node), namespace },
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'holder',
            image: postgresImages.current,
            command: ['sh', '-ec', script],
            securityContext: { privileged: true, runAsUser: 0 },
            readinessProbe: { exec: { command: ['test', '-e', '/tmp/mounted'] }, periodSeconds: 1 },
            volumeMounts: [{ name: 'node', mountPath: '/node', mountPropagation: 'Bidirectional' }],
          },
        ],
        volumes: [{ name: 'node', hostPath: { path: `${FOLDER}/${name}`, type: 'DirectoryOrCreate' } }],
      },
    };
  }
}
