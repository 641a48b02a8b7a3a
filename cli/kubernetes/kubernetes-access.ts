import type { KubeConfig } from '@kubernetes/client-node';
import { ApiConnection } from '#runtime/kubernetes/api-connection.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { version } from '../version.ts';
import { ApiReader } from './api-reader.ts';
import type { ForwardedStream, SocketOpener } from './forwarded-stream.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import { type ForwardTarget, openForward } from './open-forward.ts';

/** A Kubernetes that a kubeconfig leads to, in the name of the person in it. */
export type KubernetesAccess = {
  readonly reader: ApiReader;
  readonly namespace: string;
  forward(target: ForwardTarget): Promise<ForwardedStream>;
};

/** @throws CliError where no kubeconfig leads anywhere */
export async function openKubernetes(options: KubernetesOptions): Promise<KubernetesAccess> {
  // Half a second and 100 MiB: for those who need it.
  const { KubeConfig: Config, Exec } = await import('@kubernetes/client-node');
  const config = new Config();
  load(config, options.kubeconfig);
  choose(config, options.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new CliError('the kubeconfig has no current context: name one by --context', EXIT.usage);
  }
  // Its way to open a WebSocket in a person's name; it keeps the one of its own PortForward to itself.
  const opener: SocketOpener = new Exec(config).handler;
  return {
    reader: new ApiReader(new ApiConnection(config, `imapctl/${version}`), cluster.server),
    namespace: options.namespace ?? config.getContextObject(config.currentContext)?.namespace ?? 'default',
    forward: (target) => openForward(opener, target),
  };
}

/** Where client-node finds nothing, it takes this for granted. */
const NOTHING_FOUND = 'loaded-context';

function load(config: KubeConfig, file: string | null): void {
  try {
    if (file === null) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (cause) {
    const { message } = cause as Error;
    throw new CliError(`the kubeconfig cannot be read: ${message}`, EXIT.usage, { cause });
  }
  if (config.currentContext === NOTHING_FOUND) {
    throw new CliError('there is no kubeconfig: name one by --kubeconfig, or set KUBECONFIG', EXIT.usage);
  }
}

function choose(config: KubeConfig, context: string | null): void {
  if (context === null) return;
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new CliError(`the kubeconfig has no context ${context}; it has: ${names.join(', ')}`, EXIT.usage);
  }
  config.setCurrentContext(context);
}
