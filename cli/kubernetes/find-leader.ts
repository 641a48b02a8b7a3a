import { OPERATOR_LABELS, selectorText } from '#crds/names/labels.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { ApiPlace } from './api-place.ts';
import type { ApiReader } from './api-reader.ts';
import { type Leader, type LeaseObject, leaseHolder } from './lease-holder.ts';
import { isReady, type PodObject, whyNotReady } from './pod-object.ts';

const labelSelector = selectorText(OPERATOR_LABELS);
const ELSEWHERE = 'name its namespace by --operator-namespace';

/**
 * The pod of the operator that leads, found by its Lease. @throws CliError where none does, or several do.
 * @param namespace of the operator; null: looked for in all
 */
export async function findLeader(reader: ApiReader, namespace: string | null): Promise<PodObject> {
  const leases = await labelledLeases(reader, namespace);
  const where = namespace === null ? '' : ` in the namespace ${namespace}`;
  if (leases.length === 0) {
    throw new CliError(
      `there is no operator of imapcluster${where}: install it (docs/guides/install.md), or ${ELSEWHERE}`,
    );
  }
  const leaders = leases.flatMap((lease) => leaseHolder(lease) ?? []);
  const [leader, another] = leaders;
  if (leader === undefined) throw new CliError(`no operator leads${where} at the moment: try again`, EXIT.unreachable);
  if (another !== undefined)
    throw new CliError(`there are several operators, ${ELSEWHERE}: ${listed(leaders)}`, EXIT.usage);
  return await podOf(reader, leader);
}

async function labelledLeases(reader: ApiReader, namespace: string | null): Promise<readonly LeaseObject[]> {
  const place: ApiPlace = { api: 'coordination.k8s.io/v1', plural: 'leases', namespace };
  try {
    return await reader.list<LeaseObject>(place, { labelSelector });
  } catch (cause) {
    if (!(cause instanceof CliError) || namespace !== null) throw cause;
    throw new CliError(`${cause.message}; or ${ELSEWHERE}`, cause.exitCode, { cause });
  }
}

async function podOf(reader: ApiReader, { namespace, pod: name }: Leader): Promise<PodObject> {
  const pod = await reader.get<PodObject>({ api: 'v1', plural: 'pods', namespace, name });
  const who = `the operator that led last, ${name} in the namespace ${namespace},`;
  if (pod === null) throw new CliError(`${who} is gone, and no other leads yet: try again`, EXIT.unreachable);
  if (isReady(pod)) return pod;
  throw new CliError(`${who} is not ready: ${whyNotReady(pod)}`, EXIT.unreachable);
}

const listed = (leaders: readonly Leader[]): string =>
  leaders.map(({ namespace, pod }) => `${pod} in ${namespace}`).join(', ');
