import { Readable } from 'node:stream';
import { CliError } from '../cli-error.ts';
import type { LogRequest, LogSelection, LogStream } from '../connection/cluster-connection.ts';
import type { ApiPlace } from './api-place.ts';
import type { ClusterReader } from './cluster-reader.ts';
import type { PodObject } from './pod-object.ts';
import { selectPods } from './select-pods.ts';

/** Logs of the pods that a person means, one stream each. @throws CliError where there is no such pod */
export async function openPodLogs(
  reader: ClusterReader,
  request: LogRequest,
  signal: AbortSignal,
): Promise<readonly LogStream[]> {
  const { selection } = request;
  const pods = await podsOf(reader, selection);
  if (pods.length === 0) throw new CliError(`there is no pod of ${inWords(selection)} in ${reader.namespace}`);
  return await Promise.all(
    pods.map(async (pod) => ({ source: pod.metadata.name, lines: await logOf(reader, { pod, request }, signal) })),
  );
}

async function podsOf(reader: ClusterReader, selection: LogSelection): Promise<readonly PodObject[]> {
  if (isOperator(selection)) return await reader.operatorPods();
  return selectPods(await reader.pods(), selection);
}

const isOperator = (selection: LogSelection): selection is { readonly kind: 'operator' } =>
  selection.kind === 'operator';

const inWords = (selection: LogSelection): string =>
  'name' in selection
    ? `the ${selection.kind} ${selection.name}`
    : `the ${selection.kind}`.replace('the imapd', 'imapd');

type Wanted = { readonly pod: PodObject; readonly request: LogRequest };

/** Of the program itself: it is the first container, and what runs before it has another place. */
async function logOf(reader: ClusterReader, { pod, request }: Wanted, signal: AbortSignal): Promise<Readable> {
  const { name, namespace = reader.namespace } = pod.metadata;
  const query = {
    container: pod.spec?.containers[0]?.name,
    follow: request.follow ? true : undefined,
    previous: request.previous ? true : undefined,
    sinceSeconds: request.sinceSeconds ?? undefined,
    tailLines: request.tail ?? undefined,
  };
  const place: ApiPlace = { api: 'v1', plural: 'pods', namespace, name, subresource: 'log' };
  try {
    return (await reader.api.stream(place, query, signal)) ?? Readable.from([`${name} is gone\n`]);
  } catch (error) {
    // One that has not started yet must not hide what the others say.
    if (error instanceof CliError) return Readable.from([`no log: ${error.message}\n`]);
    throw error;
  }
}
