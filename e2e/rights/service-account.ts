/** Who a pod is to an API server. */
export type ServiceAccount = { readonly namespace: string; readonly name: string };

const PATTERN = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Null for who is no service account: people, nodes, Kubernetes itself. */
export function serviceAccountOf(username: string): ServiceAccount | null {
  const [, namespace, name] = PATTERN.exec(username) ?? [];
  return namespace === undefined || name === undefined ? null : { namespace, name };
}

export const usernameOf = ({ namespace, name }: ServiceAccount): string => `system:serviceaccount:${namespace}:${name}`;
