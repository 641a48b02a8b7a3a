import { type ControlStatus, clusterPath } from '#contract/control-api.ts';
import { objectName } from '#crds/names/object-name.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type {
  ClusterConnection,
  Evidence,
  LogRequest,
  LogStream,
  RunningVersion,
} from '../connection/cluster-connection.ts';
import { HttpConnection } from '../connection/http-connection.ts';
import type { HttpPeer } from '../connection/http-peer.ts';
import { StreamAgent } from '../connection/stream-agent.ts';
import { ClusterReader } from './cluster-reader.ts';
import { collectEvidence } from './collect-evidence.ts';
import { ForwardPool } from './forward-pool.ts';
import { type KubernetesAccess, openKubernetes } from './kubernetes-access.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import type { ForwardTarget } from './open-forward.ts';
import { openPodLogs } from './pod-logs.ts';
import { containersOf, podNow } from './pod-object.ts';

const SOCKETS = 8;
const WELL_KNOWN_PORT = { imap: 143, imaps: 993 } as const;

/** A cluster on Kubernetes: what is known of it from the API server, and its own programs through port-forwards. */
export class KubernetesConnection extends HttpConnection implements ClusterConnection {
  readonly #reader: ClusterReader;

  private constructor(reader: ClusterReader, access: KubernetesAccess) {
    super(peersOf(reader, access));
    this.#reader = reader;
  }

  /** @throws CliError */
  static async open(options: KubernetesOptions): Promise<KubernetesConnection> {
    const access = await openKubernetes(options);
    const reader = await ClusterReader.open(access, options);
    return new KubernetesConnection(reader, access);
  }

  /** What the operator says; while it says nothing, what the API server remembers. */
  override async status(): Promise<ControlStatus> {
    const pods = this.#reader.pods();
    const told = super.status().catch(async (error: unknown) => {
      if (error instanceof CliError) return await this.#remembered(error.message);
      throw error;
    });
    const [status, found] = await Promise.all([told, pods]);
    return { ...status, pods: found.map(podNow) };
  }

  async logs(request: LogRequest, signal: AbortSignal): Promise<readonly LogStream[]> {
    return await openPodLogs(this.#reader, request, signal);
  }

  async versions(): Promise<readonly RunningVersion[]> {
    const [operators, pods, server] = await Promise.all([
      this.#reader.operatorPods().catch(() => []),
      this.#reader.pods(),
      this.#reader.api.raw('/version'),
    ]);
    const images = [...operators, ...pods].flatMap((pod) =>
      containersOf(pod).map(({ image }) => ({
        what: pod.metadata.labels?.['app.kubernetes.io/name'] ?? 'pod',
        version: image,
      })),
    );
    const { gitVersion = 'unknown' } = (server ?? {}) as { readonly gitVersion?: string };
    return [...distinct(images), { what: 'kubernetes', version: gitVersion }];
  }

  evidence(): AsyncIterable<Evidence> {
    return collectEvidence(this.#reader);
  }

  override close(): void {
    super.close();
    this.#reader.api.close();
  }

  async #remembered(operatorProblem: string): Promise<ControlStatus> {
    const [cluster, partitions] = await Promise.all([this.#reader.cluster(), this.#reader.partitions()]);
    const { name, namespace = '' } = cluster.metadata;
    const host = `${objectName(name, 'imap')}.${namespace}.svc`;
    return {
      objects: [cluster, ...partitions],
      members: [],
      waiting: {},
      operatorProblem,
      processes: [],
      endpoints: {
        imap: { host, port: WELL_KNOWN_PORT.imap },
        imaps: { host, port: WELL_KNOWN_PORT.imaps },
      },
    };
  }
}

const distinct = (found: readonly RunningVersion[]): readonly RunningVersion[] => [
  ...new Map(found.map((entry) => [`${entry.what} ${entry.version}`, entry])).values(),
];

function peersOf(
  reader: ClusterReader,
  { forward }: KubernetesAccess,
): { readonly control: HttpPeer; readonly mail: HttpPeer } {
  const headers = async (): Promise<Readonly<Record<string, string>>> => ({
    authorization: `Bearer ${await reader.adminToken()}`,
  });
  const peer = (targets: () => Promise<readonly ForwardTarget[]>, beginning: string, who: string): HttpPeer => {
    const pool = new ForwardPool({ targets, open: forward });
    return {
      agent: new StreamAgent(() => pool.open(), SOCKETS),
      beginning: async () => beginning,
      headers,
      unreachable: (cause) => lost(who, cause),
      hasOthers: true,
    };
  };
  const { namespace, name } = reader;
  return {
    control: peer(async () => [await reader.leader()], clusterPath(namespace, name), 'the operator'),
    mail: peer(() => reader.imapdTargets(), '/v1', 'imapd'),
  };
}

function lost(who: string, cause: Error): CliError {
  const message = `the connection to ${who} was lost (${cause.message}); what it was asked for may be done: look first, then try again`;
  return new CliError(message, EXIT.unreachable, { cause });
}
