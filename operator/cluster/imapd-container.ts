import type { V1Container, V1ContainerPort } from '@kubernetes/client-node';
import { healthProbes } from '../objects/probes.ts';
import { resourceAmounts } from '../objects/resource-amounts.ts';
import { restrictedContainer } from '../objects/restricted-security.ts';
import { drainTimes } from './drain-times.ts';
import { POD_FIELD } from './imapd-configuration.ts';
import type { ImapdInput } from './imapd-input.ts';
import { CONFIGURATION_FILE, IMAPD_PATH } from './imapd-paths.ts';
import { IMAPD_PORT, type NamedPort } from './imapd-ports.ts';
import { imapdMounts } from './imapd-volumes.ts';

/** Name of the container, as `kubectl logs --container` wants it. */
export const IMAPD_CONTAINER = 'imapd';

/** The one container of an imapd pod. The image's entry point is the program (no shell); only arguments are given. */
export function imapdContainer({ cluster, image, pods, resources }: ImapdInput): V1Container {
  return {
    name: IMAPD_CONTAINER,
    image,
    imagePullPolicy: pods.pullPolicy,
    args: ['--config', `${IMAPD_PATH.configuration}/${CONFIGURATION_FILE}`, '--set', `${POD_FIELD}=$(POD_NAME)`],
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
    ports: ports(cluster.spec.tls !== undefined),
    ...healthProbes(),
    lifecycle: { preStop: { sleep: { seconds: drainTimes(cluster).preStop } } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: resourceAmounts(resources),
    securityContext: restrictedContainer(),
    volumeMounts: imapdMounts(cluster),
  };
}

function ports(withTls: boolean): V1ContainerPort[] {
  const { imap, imaps, admin } = IMAPD_PORT;
  // Named, or a server-side apply could not tell two ports of one number apart.
  const open = ({ name, port }: NamedPort): V1ContainerPort => ({ name, containerPort: port, protocol: 'TCP' });
  return [imap, ...(withTls ? [imaps] : []), admin].map(open);
}
