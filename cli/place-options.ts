import { type Command, Option } from 'commander';
import { DEFAULT_STATE_FOLDERS, defaultStateFolder } from '#contract/control-api.ts';
import type { KubernetesOptions } from './kubernetes/kubernetes-options.ts';

/** Name of the plugin's program: kubectl starts it for `kubectl imap`. */
export const PLUGIN = 'kubectl-imap';

type Given = {
  readonly state: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly cluster?: string;
  readonly operatorNamespace?: string;
};

export type Place =
  | { readonly kind: 'standalone'; readonly state: string }
  | { readonly kind: 'kubernetes'; readonly options: KubernetesOptions };

/** Options that say where the cluster is. */
export function addPlaceOptions(program: Command): Command {
  const state = new Option('--state <folder>', 'standalone: state folder of the run').env('IMAPCLUSTER_STATE');
  return program
    .addOption(state.default(defaultStateFolder(process.getuid?.()), DEFAULT_STATE_FOLDERS))
    .option('--kubeconfig <file>', 'Kubernetes: its kubeconfig (default: as kubectl finds it)')
    .option('--context <name>', 'Kubernetes: context of the kubeconfig')
    .option('-n, --namespace <name>', 'Kubernetes: namespace of the ImapCluster')
    .option('-c, --cluster <name>', 'Kubernetes: name of the ImapCluster (default: the only one)')
    .option('--operator-namespace <name>', 'Kubernetes: namespace of the operator (default: looked for in all)');
}

/**
 * Where the cluster is that a person means: on Kubernetes for who came by way of kubectl, or has named something that only
 * Kubernetes has; otherwise a run of standalone.
 */
export function placeOf(program: Command, startedAs: string): Place {
  const { state, kubeconfig, context, namespace, cluster, operatorNamespace } = program.opts<Given>();
  const named = [kubeconfig, context, namespace, cluster, operatorNamespace].some((value) => value !== undefined);
  if (startedAs !== PLUGIN && !named) return { kind: 'standalone', state };
  return {
    kind: 'kubernetes',
    options: {
      kubeconfig: kubeconfig ?? null,
      context: context ?? null,
      namespace: namespace ?? null,
      cluster: cluster ?? null,
      operatorNamespace: operatorNamespace ?? null,
    },
  };
}
