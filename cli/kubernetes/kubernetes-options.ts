/** Where in which Kubernetes; null: as kubectl finds it. */
export type KubernetesOptions = {
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly namespace: string | null;
  /** Name of the ImapCluster; null: the only one. */
  readonly cluster: string | null;
  /** null: looked for in all namespaces. */
  readonly operatorNamespace: string | null;
};
