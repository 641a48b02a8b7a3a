import type { V1Container } from '@kubernetes/client-node';
import type { MemberName } from '#contract/names.ts';
import { healthProbes } from '../../objects/probes.ts';
import { resourceAmounts } from '../../objects/resource-amounts.ts';
import { restrictedContainer } from '../../objects/restricted-security.ts';
import { HOST_FIELD, INSTANCE_FIELD, MEMBER_FIELD } from './member-configuration.ts';
import { type MemberInput, managedOf } from './member-input.ts';
import { AGENT_FILE, MEMBER_PATH } from './member-paths.ts';
import { AGENT_PORT, databasePort } from './member-ports.ts';
import { installMounts, memberMounts } from './member-volumes.ts';

/** Names of the containers, as `kubectl logs --container` wants them. */
export const DATABASE_CONTAINER = 'database';
export const INSTALL_CONTAINER = 'install-agent';

/** Copies the agent to where the other container finds it: its image holds no database, and the database's no agent. */
export function installContainer({ agentImage, partition, pods }: MemberInput): V1Container {
  return {
    name: INSTALL_CONTAINER,
    image: agentImage,
    imagePullPolicy: pods.pullPolicy,
    args: [MEMBER_PATH.agent],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // It runs before the database: with the same amounts the pod needs no more than the database does.
    resources: resourceAmounts(managedOf(partition).resources),
    securityContext: restrictedContainer(),
    volumeMounts: installMounts.map((mount) => ({ ...mount })),
  };
}

const fromField = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
});

/** The stock image, in which the agent starts the server. The image's own entry point, a shell script, never runs. */
export function databaseContainer(input: MemberInput, member: MemberName): V1Container {
  const { database, partition, pods } = input;
  const listening = [databasePort(partition.spec.repository.engine), AGENT_PORT];
  const set = [`${MEMBER_FIELD}=${member}`, `${HOST_FIELD}=$(POD_IP)`, `${INSTANCE_FIELD}=$(POD_UID)`];
  return {
    name: DATABASE_CONTAINER,
    image: database.image,
    imagePullPolicy: pods.pullPolicy,
    command: [`${MEMBER_PATH.agent}/launch`, 'member'],
    args: ['--config', `${MEMBER_PATH.configuration}/${AGENT_FILE}`, ...set.flatMap((each) => ['--set', each])],
    env: [fromField('POD_IP', 'status.podIP'), fromField('POD_UID', 'metadata.uid')],
    ports: listening.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })),
    ...healthProbes(),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: resourceAmounts(managedOf(partition).resources),
    securityContext: restrictedContainer(),
    volumeMounts: memberMounts(partition, member),
  };
}
