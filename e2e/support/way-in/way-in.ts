import type { ForwardedStream } from '#cli/kubernetes/forwarded-stream.ts';
import type { ForwardTarget } from '#cli/kubernetes/open-forward.ts';
import { isLocal } from '../../clusters/is-local.ts';
import type { PodObject } from '../objects.ts';
import { openDoor, type Place } from './door.ts';

export type { Place };

/** How tests come to pods: by the addresses of the cluster's network, or by port-forwards through its API server. */
export const waysIn = ['direct', 'forwarded'] as const;
export type WayIn = (typeof waysIn)[number];
export const WAY_IN_VARIABLE = 'IMAPCLUSTER_E2E_WAY_IN';

/** Only in a local cluster's namespaces, where the tests run then, do its addresses lead anywhere. */
export function wayIn(environment: NodeJS.ProcessEnv = process.env): WayIn {
  const asked = environment[WAY_IN_VARIABLE];
  const found = waysIn.find((way) => way === asked);
  if (asked !== undefined && found === undefined)
    throw new RangeError(`${WAY_IN_VARIABLE} is ${asked}: it has to be ${waysIn.join(' or ')}`);
  if (found !== undefined) return found;
  return isLocal(environment) ? 'direct' : 'forwarded';
}

/** Where a port of this one pod can be reached. */
export async function placeOf(pod: PodObject, port: number): Promise<Place> {
  if (wayIn() === 'direct') return { host: pod.status.podIP ?? '', port };
  const { name, namespace, uid } = pod.metadata;
  const place = await doorFor(`${uid} ${port}`, async () => await forward({ namespace, pod: name, port }));
  addresses.set(place.port, pod.status.podIP ?? '');
  return place;
}

/** Address of the one pod that is behind a port of this machine; null where none is. */
export const podBehind = (port: number): string | null => addresses.get(port) ?? null;

/** Where a port of whichever of these pods can be reached, each connection's by turns: a Service, seen from outside. */
export async function placeOfAny(
  name: string,
  port: number,
  pods: () => Promise<readonly PodObject[]>,
): Promise<Place> {
  let turn = 0;
  return await doorFor(`${name} ${port}`, async () => {
    const all = await pods();
    const pod = all[turn++ % all.length];
    if (pod === undefined) throw new Error(`no pod takes connections to ${name}`);
    return await forward({ namespace: pod.metadata.namespace, pod: pod.metadata.name, port });
  });
}

const addresses = new Map<number, string>();
const doors = new Map<string, Promise<Place>>();

const doorFor = (key: string, open: () => Promise<ForwardedStream>): Promise<Place> =>
  doors.getOrInsertComputed(key, () => openDoor(open));

/** What it stands on takes most of a second to load, in each test file: not where nobody needs it. */
async function forward(target: ForwardTarget): Promise<ForwardedStream> {
  const [{ openForward }, { opener }] = await Promise.all([
    import('#cli/kubernetes/open-forward.ts'),
    import('./opener.ts'),
  ]);
  return await openForward(opener(), target);
}
