import { rootSchema } from '#crds/generation/root-schema.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapClusterKind, type Kind, mailboxPartitionKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { partitionNames } from '../../../partition/objects/partition-names.ts';
import type { SchemaNode } from '../../kinds/schema-node.ts';
import { undeclaredFields } from '../../kinds/undeclared-fields.ts';
import { ROTATE_CREDENTIALS_ANNOTATION } from '../../ports/ensure-partition-credentials.ts';

/** `whole`: nothing at all is done about the object; otherwise everything but what the message names. */
export type Refusal = { readonly whole: boolean; readonly message: string };

type Asking = Pick<MailboxPartition, 'spec' | 'metadata'>;

/** Objects are never changed, and each turn of a cluster asks again of all of its partitions. */
const refusals = new WeakMap<Asking, Refusal | null>();

/** What this version cannot do of what a partition asks for: a promise in a manifest is kept or declined. null: nothing. */
export const unsupportedPartition = (partition: Asking): Refusal | null =>
  refusals.getOrInsertComputed(partition, refusalOf);

function refusalOf({ spec, metadata }: Asking): Refusal | null {
  const { members = [] } = spec.repository;
  const met = clusterNames({ metadata: { name: spec.clusterRef.name } }).credentials;
  if (partitionNames({ metadata }).credentials === met) {
    const message = `metadata.name: a partition called ${metadata.name} and the cluster ${spec.clusterRef.name} both need the Secret ${met}`;
    return { whole: true, message: `${message}: give the partition another name` };
  }
  if (members.some(({ podRef }) => podRef !== undefined)) {
    const message = 'spec.repository.members[].podRef is not supported in this version, nor is it needed: leave it out';
    return { whole: false, message };
  }
  if (spec.repository.members !== undefined && metadata.annotations?.[ROTATE_CREDENTIALS_ANNOTATION] !== undefined) {
    const what = `the annotation ${ROTATE_CREDENTIALS_ANNOTATION} replaces no passwords of servers that somebody else runs`;
    return { whole: false, message: `${what}: take it away; for the administrator's, change the Secret` };
  }
  return unknownIn(spec, partitionSpec);
}

/** The same of a cluster. */
export function unsupportedCluster({ spec }: Pick<ImapCluster, 'spec'>): Refusal | null {
  return unknownIn(spec, clusterSpec);
}

const partitionSpec = specOf(mailboxPartitionKind);
const clusterSpec = specOf(imapClusterKind);

function specOf(kind: Kind): SchemaNode {
  const { properties = {} } = rootSchema(kind) as SchemaNode;
  return properties.spec ?? {};
}

/** Definitions may be newer than this operator, which was put back perhaps: what it does not know it cannot obey. */
function unknownIn(spec: object, schema: SchemaNode): Refusal | null {
  const unknown = undeclaredFields(spec, schema, 'spec');
  if (unknown.length === 0) return null;
  const message = `${unknown.join(', ')}: not known to this version of the operator, and not obeyed; use a newer one`;
  return { whole: false, message };
}
