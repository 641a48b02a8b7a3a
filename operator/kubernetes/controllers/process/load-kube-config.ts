import { KubeConfig } from '@kubernetes/client-node';
import { ConfigurationError } from '#runtime/configuration.ts';

/**
 * The API server to talk to, and who to be there: the file that KUBECONFIG names, else the service account of the pod.
 * @throws ConfigurationError where there is neither
 */
export function loadKubeConfig(environment: Readonly<Record<string, string | undefined>>): KubeConfig {
  const config = new KubeConfig();
  const { KUBECONFIG: file = '', KUBERNETES_SERVICE_HOST: inCluster = '' } = environment;
  if (file === '' && inCluster === '')
    throw new ConfigurationError('no KUBECONFIG is set, and this is no pod of a Kubernetes cluster');
  try {
    if (file !== '') config.loadFromFile(file);
    else config.loadFromCluster();
  } catch (cause) {
    const where = file === '' ? 'the service account of the pod' : `KUBECONFIG ${file}`;
    throw new ConfigurationError(`${where}: ${(cause as Error).message}`, { cause });
  }
  if (config.getCurrentCluster() === null)
    throw new ConfigurationError(`${file === '' ? 'the service account' : file}: it names no API server`);
  return config;
}
