import { Registry } from 'prom-client';
import { clusterName, type MemberName, type PartitionName, partitionName } from '#contract/names.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { objectName } from '#crds/names/object-name.ts';
import type { RequestOutcome } from '../../../core.ts';
import { AgentDirectory } from '../../../members/agent-directory.ts';
import type { ReadSqlCredentials } from '../../../members/by-sql/sql-credentials.ts';
import { SqlDirectory } from '../../../members/by-sql/sql-directory.ts';
import { RoutedMembers } from '../../../members/routed-members.ts';
import { LABEL } from '../../../objects/labels.ts';
import { namespaceOf } from '../../../objects/owned-meta.ts';
import { podApiWithToken } from '../../../targets/pod-api-with-token.ts';
import { defaultTuning } from '../../../tuning.ts';
import { MembersExecutor } from '../../members/members-executor.ts';
import { RemovedPods } from '../../members/removed-pods.ts';
import { ClusterKeys } from '../../ports/cluster-keys.ts';
import { EventRecorder } from '../../ports/event-recorder.ts';
import { JobRunner } from '../../ports/job-runner.ts';
import { readSqlCredentials } from '../../ports/read-sql-credentials.ts';
import { RecordConfigMapStore } from '../../ports/record-config-map-store.ts';
import { RoutingConfigMapStore } from '../../ports/routing-config-map-store.ts';
import { keyOf } from '../../watch/key-of.ts';
import { clusterGroup } from '../caches/group-of.ts';
import { isDatabasePod } from '../is-database-pod.ts';
import type { Leading } from '../leading.ts';
import { imapdPodList } from './imapd-pod-list.ts';
import { jobPods } from './job-pods.ts';
import { type CorePorts, KeptCore } from './kept-core.ts';
import { ledMembers } from './led-members.ts';
import { ledPodApi } from './led-pod-api.ts';
import { platformMembers } from './platform-members.ts';
import { RememberedRecords } from './remembered-records.ts';
import { respiteOf } from './respite-of.ts';
import { SessionCount } from './session-count.ts';
import { WatchedRouting } from './watched-routing.ts';

/** Told when there is something to look at again: `namespace/name`. */
export type Hints = {
  readonly cluster: (key: string) => void;
  /** Something that is told in the cluster's status, and needs nothing else. */
  readonly clusterStatus: (key: string) => void;
  readonly partition: (key: string) => void;
};

/** Everything that one ImapCluster has for as long as this operator leads: its core, and what the core stands on. */
export class ClusterRuntime {
  readonly key: string;
  readonly uid: string | undefined;
  readonly keys: ClusterKeys;
  readonly events: EventRecorder;
  readonly records: RememberedRecords;
  readonly recordStore: RecordConfigMapStore;
  readonly routing: WatchedRouting;
  readonly sessions = new SessionCount();
  readonly executor: MembersExecutor;
  readonly core: KeptCore;
  /** Whether `keys` can be asked. */
  keysRead = false;
  readonly #leading: Leading;
  readonly #end = new AbortController();
  readonly #removedPods: RemovedPods;
  readonly #uids = new Map<string, string | undefined>();
  /** As last heard of. */
  #cluster: ImapCluster;

  constructor(cluster: ImapCluster, leading: Leading, hints: Hints) {
    const { client, clock, random, right, configuration } = leading;
    const namespace = namespaceOf(cluster);
    this.#cluster = cluster;
    this.#leading = leading;
    this.#removedPods = new RemovedPods(leading.caches.pods, {
      isOurs: (pod) => isDatabasePod(pod) && pod.metadata.namespace === namespace,
      signal: this.#end.signal,
    });
    this.key = keyOf(cluster.metadata);
    this.uid = cluster.metadata.uid;
    const log = leading.log.child({ cluster: this.key });
    this.events = new EventRecorder({
      ...leading,
      log,
      identity: configuration.identity,
      regarding: (partition) => (partition === null ? this.cluster : this.partition(partition)),
      respite: () => this.#respite(),
      signal: AbortSignal.any([right.signal, this.#end.signal]),
    });
    const graceMs = configuration.keys.rotationGraceSeconds * 1_000;
    this.keys = new ClusterKeys({ client, clock, events: this.events, graceMs });
    const { events, keys } = this;
    this.recordStore = new RecordConfigMapStore({
      client,
      namespace,
      partition: (name) => this.partition(name),
      events,
    });
    this.records = new RememberedRecords(this.recordStore, (name) => hints.partition(`${namespace}/${name}`));
    const store = { client, events, cluster: () => this.cluster, publicKeys: () => keys.publicKeys };
    this.routing = new WatchedRouting(new RoutingConfigMapStore(store), () => hints.clusterStatus(this.key));
    this.core = new KeptCore({
      ports: () => this.#ports(),
      configuration,
      clock,
      random,
      log,
      onChange: () => hints.cluster(this.key),
    });
    this.executor = new MembersExecutor({
      client,
      clock,
      log,
      switchover: (partition, to) => this.#switchOver(partition, to),
    });
  }

  get cluster(): ImapCluster {
    this.#cluster = this.#leading.caches.clusters.get(this.key) ?? this.#cluster;
    return this.#cluster;
  }

  /** As last heard of; null: there is none. */
  partition(name: PartitionName): MailboxPartition | null {
    const { namespace = '' } = this.#cluster.metadata;
    return this.#leading.caches.partitions.get(`${namespace}/${name}`) ?? null;
  }

  /** False where it has known another object by one of these names. Remembers those that it had not known. */
  knowsOnly(cluster: ImapCluster, partitions: readonly MailboxPartition[]): boolean {
    if (cluster.metadata.uid !== this.uid) return false;
    for (const { metadata } of partitions) {
      if (!this.#uids.has(metadata.name)) this.#uids.set(metadata.name, metadata.uid);
      if (this.#uids.get(metadata.name) !== metadata.uid) return false;
    }
    return true;
  }

  /** What is remembered of partitions that are gone, once the core has let go of them. */
  forgetOthersThan(partitions: readonly MailboxPartition[]): void {
    const there = new Set(partitions.map(({ metadata }) => metadata.name));
    for (const name of [...this.#uids.keys()].filter((each) => !there.has(each)).map(partitionName)) {
      if (this.core.operator?.view(name) != null) continue;
      this.#uids.delete(name);
      this.records.forget(name);
      this.recordStore.forget(name);
      this.executor.forget(name);
    }
    const labels = new Set<string | undefined>([...there, ...this.#uids.keys()].map((name) => objectName(name)));
    this.#removedPods.keepOnly(({ metadata }) => labels.has(metadata.labels?.[LABEL.partition]));
  }

  /** In the exposition format of Prometheus. */
  async metrics(): Promise<string> {
    return await this.core.metrics();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.core.stop();
  }

  /** The longest of its partitions', ms. */
  #respite(): number {
    const { caches } = this.#leading;
    const each = caches.partitions
      .of(this.key)
      .map((partition) => respiteOf(partition, { ...this.#leading, runtime: this }));
    return Math.max(0, ...each);
  }

  async #switchOver(partition: PartitionName, to: MemberName): Promise<RequestOutcome> {
    const outcome = await this.core.operator?.requestSwitchover(partition, to);
    return outcome ?? { ok: false, code: 'CoreFailed', message: 'the core of this cluster does not run' };
  }

  #ports(): CorePorts {
    const { caches, clock, configuration, random, right } = this.#leading;
    const { metadata } = this.#cluster;
    const log = this.#leading.log.child({ cluster: this.key });
    const cluster = clusterName(metadata.name);
    const agents = new AgentDirectory({
      cluster,
      token: this.keys.agentToken,
      keys: this.keys.keys,
      clock,
      silenceMs: configuration.tuning.heartbeatTimeoutMs ?? defaultTuning.heartbeatTimeoutMs,
    });
    const credentials = this.#sqlCredentials();
    const members = new RoutedMembers(agents, new SqlDirectory({ cluster, clock, random, credentials, log }));
    const metrics = new Registry();
    metrics.setDefaultLabels({ namespace: metadata.namespace ?? '', cluster: metadata.name });
    const seen = platformMembers(members, { caches, removed: this.#removedPods, namespace: metadata.namespace ?? '' });
    const ports = {
      members: ledMembers(seen, right),
      records: this.records,
      routing: this.routing,
      pods: imapdPodList(() => caches.pods.of(clusterGroup(this.#cluster))),
      podApi: ledPodApi(podApiWithToken(this.keys.adminToken), right, this.sessions),
      jobs: this.#jobs(),
      events: this.events,
      clock,
      keys: this.keys.keys,
      log,
      metrics,
    };
    return { members, ports };
  }

  #sqlCredentials(): ReadSqlCredentials {
    const { caches, client, clock } = this.#leading;
    const partition = (name: PartitionName): MailboxPartition | null => this.partition(name);
    return readSqlCredentials({ client, clock, secrets: caches.secrets, partition });
  }

  #jobs(): JobRunner {
    const { caches, configuration } = this.#leading;
    return new JobRunner({
      ...this.#leading,
      partition: (name) => this.partition(name),
      image: () => this.cluster.spec.image ?? configuration.images.imapd,
      pods: configuration.pods,
      jobPods: jobPods(caches.pods),
    });
  }
}
