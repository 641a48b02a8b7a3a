import { runCommand } from '../process/run-command.ts';

export type KubectlOptions = { readonly input?: string; readonly deadlineMs?: number };

/** kubectl as the cluster's administrator; returns what it prints. */
export type Kubectl = (words: readonly string[], options?: KubectlOptions) => Promise<string>;

export function kubectlFor(program: string, kubeconfig: string): Kubectl {
  return (words, options = {}) => runCommand([program, `--kubeconfig=${kubeconfig}`, ...words], options);
}
