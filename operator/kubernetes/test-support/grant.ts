import type { ApiClient, ObjectKey } from '../api/api-client.ts';
import type { ApiObject, Resource } from '../api/resource.ts';

const RBAC = 'rbac.authorization.k8s.io';

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

export type Grant = { readonly metadata: ObjectKey; readonly user: string; readonly rules: readonly Rule[] };

/** A Role and its RoleBinding. The API server learns of them by and by. */
export async function grant(client: ApiClient, { metadata, user, rules }: Grant): Promise<void> {
  await client.create(kindOf('Role', 'roles'), { metadata, rules });
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: metadata.name };
  const subjects = [{ apiGroup: RBAC, kind: 'User', name: user }];
  await client.create(kindOf('RoleBinding', 'rolebindings'), { metadata, roleRef, subjects });
}

const kindOf = (kind: string, plural: string): Resource<ApiObject & Readonly<Record<string, unknown>>> => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  plural,
  namespaced: true,
});
