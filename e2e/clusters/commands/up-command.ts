import { kubeconfigCluster } from '../foreign/kubeconfig-cluster.ts';
import { createKindCluster } from '../kind/kind-cluster.ts';
import { LOCAL_PROGRAMS } from '../local/local-programs.ts';
import { up } from '../local/up.ts';
import { ensurePrograms } from '../programs/ensure-programs.ts';
import { requirePrerequisites } from '../programs/prerequisites.ts';
import type { ClusterOptions } from './options.ts';
import { pickProvider } from './pick-provider.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** `npm run cluster -- up`: prints where the kubeconfig is and how to use it. */
export async function upCommand(options: ClusterOptions, signal: AbortSignal): Promise<void> {
  const { provider, kubeconfig } = await pickProvider(options, say);
  switch (provider) {
    case 'local':
      return await upLocal(options, signal);
    case 'kind': {
      const cluster = await createKindCluster(options.state);
      return tell(cluster.nodes, [`export KUBECONFIG=${cluster.kubeconfig}`]);
    }
    case 'kubeconfig': {
      const cluster = await kubeconfigCluster(kubeconfig ?? '');
      return tell(cluster.nodes, ['This cluster is yours: up and down do nothing to it.']);
    }
  }
}

async function upLocal({ state, nodes }: ClusterOptions, signal: AbortSignal): Promise<void> {
  await requirePrerequisites(['local']);
  await ensurePrograms(LOCAL_PROGRAMS, { signal });
  const started = performance.now();
  say(`starting ${nodes} node${nodes === 1 ? '' : 's'}; logs are in ${state}/logs`);
  const cluster = await up({ stateFolder: state, nodes, onStep: say, signal });
  say(`up after ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  tell(cluster.nodes, [
    `kubeconfig: ${cluster.kubeconfig}`,
    'Its addresses exist only inside its own namespaces:',
    '  npm run cluster -- shell                      a shell there, with kubectl on PATH',
    '  npm run cluster -- shell kubectl get pods -A  one command there',
    '  npm run cluster -- down                       ends it and removes everything',
  ]);
}

function tell(nodes: readonly { readonly name: string; readonly address: string }[], lines: readonly string[]): void {
  const list = nodes.map(({ name, address }) => `${name} (${address})`).join(', ');
  process.stdout.write(`nodes: ${list}\n${lines.join('\n')}\n`);
}
