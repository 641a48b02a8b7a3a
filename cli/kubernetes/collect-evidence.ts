import { text } from 'node:stream/consumers';
import { OPERATOR_LABELS, selectorText } from '#crds/names/labels.ts';
import { CliError } from '../cli-error.ts';
import type { Evidence } from '../connection/cluster-connection.ts';
import type { ApiPlace } from './api-place.ts';
import type { ApiObject } from './api-reader.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { containersOf, type PodObject } from './pod-object.ts';

/** Kinds of what the operator makes for a cluster. */
const MADE = [
  ['v1', 'services'],
  ['v1', 'configmaps'],
  ['v1', 'persistentvolumeclaims'],
  ['v1', 'serviceaccounts'],
  ['apps/v1', 'deployments'],
  ['apps/v1', 'replicasets'],
  ['batch/v1', 'jobs'],
  ['policy/v1', 'poddisruptionbudgets'],
  ['networking.k8s.io/v1', 'networkpolicies'],
  ['discovery.k8s.io/v1', 'endpointslices'],
] as const;

const TAIL_LINES = 5_000;
const LOG_BYTES = 5 * 1024 * 1024;
const LOG_DEADLINE_MS = 30_000;

/** Everything that the API server can tell of a cluster and its operator. What may not be read is named in its place. */
export async function* collectEvidence(reader: ClusterReader): AsyncGenerator<Evidence> {
  yield await found('resources/imapclusters.yaml', async () => [await reader.cluster()]);
  yield await found('resources/mailboxpartitions.yaml', () => reader.partitions());
  const { namespace, selector: labelSelector } = reader;
  for (const [api, plural] of MADE) {
    const list = (): Promise<readonly ApiObject[]> => reader.api.list({ api, plural, namespace }, { labelSelector });
    yield await found(`resources/${plural}.yaml`, list);
  }
  yield await found('resources/secrets.yaml', async () => (await secrets(reader)).map(withoutValues));
  yield await found('resources/nodes.yaml', () => reader.api.list({ api: 'v1', plural: 'nodes', namespace: null }));
  yield await found('events.yaml', () => reader.api.list({ api: 'v1', plural: 'events', namespace }));
  yield* podsAndLogs(reader, 'pods', () => reader.pods());
  yield* podsAndLogs(reader, 'operator', () => reader.operatorPods());
  yield await found('operator/leases.yaml', () => operatorLeases(reader));
}

async function* podsAndLogs(
  reader: ClusterReader,
  folder: string,
  read: () => Promise<readonly PodObject[]>,
): AsyncGenerator<Evidence> {
  const pods = await read().catch((error: unknown) => {
    if (error instanceof CliError) return [];
    throw error;
  });
  yield await found(`${folder}/pods.yaml`, read);
  for (const pod of pods) {
    for (const { name: container, restartCount } of containersOf(pod)) {
      yield await log(reader, { pod, container, previous: false, folder });
      if (restartCount > 0) yield await log(reader, { pod, container, previous: true, folder });
    }
  }
}

type Log = {
  readonly pod: PodObject;
  readonly container: string;
  readonly previous: boolean;
  readonly folder: string;
};

async function log(reader: ClusterReader, { pod, container, previous, folder }: Log): Promise<Evidence> {
  const { name, namespace = reader.namespace } = pod.metadata;
  const path = `${folder}/logs/${name}/${container}${previous ? '.previous' : ''}.log`;
  const place: ApiPlace = { api: 'v1', plural: 'pods', namespace, name, subresource: 'log' };
  const query = { container, tailLines: TAIL_LINES, limitBytes: LOG_BYTES, previous: previous ? true : undefined };
  try {
    const lines = await reader.api.stream(place, query, AbortSignal.timeout(LOG_DEADLINE_MS));
    return { path, text: lines === null ? 'the pod is gone\n' : await text(lines) };
  } catch (error) {
    return { path: `${path}.problem`, text: `${(error as Error).message}\n` };
  }
}

const secrets = (reader: ClusterReader): Promise<readonly SecretObject[]> =>
  reader.api.list<SecretObject>(
    { api: 'v1', plural: 'secrets', namespace: reader.namespace },
    { labelSelector: reader.selector },
  );

type SecretObject = ApiObject & { readonly type?: string; readonly data?: Readonly<Record<string, string>> };

/** Which there are, and what is in them by name: a missing one is found by that. Values are dropped here and now. */
const withoutValues = ({ metadata, type, data = {} }: SecretObject): object => ({
  metadata: { name: metadata.name, labels: metadata.labels, creationTimestamp: metadata.creationTimestamp },
  type,
  keys: Object.keys(data),
});

async function operatorLeases(reader: ClusterReader): Promise<readonly ApiObject[]> {
  const [operator] = await reader.operatorPods();
  const namespace = operator?.metadata.namespace ?? null;
  const labelSelector = selectorText(OPERATOR_LABELS);
  return await reader.api.list({ api: 'coordination.k8s.io/v1', plural: 'leases', namespace }, { labelSelector });
}

async function found(path: string, read: () => Promise<readonly unknown[]>): Promise<Evidence> {
  try {
    return { path, object: await read() };
  } catch (error) {
    if (error instanceof CliError) return { path: `${path}.problem`, text: `${error.message}\n` };
    throw error;
  }
}
