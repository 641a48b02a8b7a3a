import type {
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1NetworkPolicySpec,
  V1ObjectMeta,
} from '@kubernetes/client-node';
import type { Wire } from '../kubernetes/api/resource.ts';

/** Metadata of an object to be applied: what the operator says of it, and nothing that the API server does. */
export type BuiltMeta = Pick<V1ObjectMeta, 'labels' | 'annotations' | 'ownerReferences'> & {
  readonly name: string;
  readonly namespace: string;
};

type Parts = 'apiVersion' | 'kind' | 'metadata' | 'status';

/** An object to be applied, as JSON on the wire: whole but for its status. */
export type Built<T> = Wire<Omit<T, Parts>> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: BuiltMeta;
};

type Rule<Peers extends 'from' | 'to'> = {
  readonly [Key in Peers]?: readonly V1NetworkPolicyPeer[];
} & { readonly ports: readonly V1NetworkPolicyPort[] };

/** client-node calls a field of the wire `_from`, for its own serialiser; ours sends objects as they are. */
export type BuiltNetworkPolicy = Omit<Built<V1NetworkPolicy>, 'spec'> & {
  readonly spec: Omit<V1NetworkPolicySpec, 'ingress' | 'egress'> & {
    readonly ingress: readonly Rule<'from'>[];
    readonly egress?: readonly Rule<'to'>[];
  };
};
