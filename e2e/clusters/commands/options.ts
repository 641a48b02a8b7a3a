import { homedir } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { type ProviderChoice, providerChoices } from '../choose-provider.ts';
import { MOST_NODES } from '../local/layout.ts';
import { defaultClusterFolder } from './default-folders.ts';

/** Options that several commands have, each made anew for its command. */
export const DEFAULT_NODES = 3;

export type ClusterOptions = {
  readonly provider: ProviderChoice;
  readonly nodes: number;
  readonly state: string;
  readonly kubeconfig?: string;
};

export function clusterOptions(name: 'cluster' | 'e2e'): readonly Option[] {
  return [
    new Option('--provider <name>', 'where the Kubernetes comes from').choices(providerChoices).default('auto'),
    new Option('--nodes <count>', 'nodes of a local cluster').argParser(nodeCount).default(DEFAULT_NODES),
    stateOption(name),
    new Option('--kubeconfig <file>', 'the cluster of --provider kubeconfig'),
  ];
}

export function stateOption(name: 'cluster' | 'e2e'): Option {
  const folder = defaultClusterFolder(name, { environment: process.env, home: homedir() });
  return new Option('--state <folder>', 'where the cluster keeps its files').default(folder);
}

/** @throws InvalidArgumentError, which commander turns into a message */
export function nodeCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MOST_NODES)
    throw new InvalidArgumentError(`A local cluster has 1 to ${MOST_NODES} nodes.`);
  return value;
}
