import type { Right } from './right.ts';

/** As in a Role (rbac.authorization.k8s.io/v1). */
export type PolicyRule = {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};

/** Each right that rules grant, by itself. */
export const rightsOfRules = (rules: readonly PolicyRule[]): readonly Right[] => rules.flatMap(rightsOfRule);

function rightsOfRule({ apiGroups = [], resources = [], verbs, resourceNames }: PolicyRule): readonly Right[] {
  const names = resourceNames?.map((name) => ({ name })) ?? [{}];
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => names.map((named): Right => ({ verb, group, resource, ...named }))),
    ),
  );
}
