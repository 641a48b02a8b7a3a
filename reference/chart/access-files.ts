import { stringify } from 'yaml';
import type { GeneratedFile } from '#crds/generation/generated-files.ts';
import { type AccessRule, type AccessScope, accessRules } from '#operator/kubernetes/access-rules.ts';
import { code, generatedFrom, markdownTable } from '../markdown.ts';

const SOURCE = 'operator/kubernetes/access-rules.ts';

const SCOPES: Readonly<Record<AccessScope, string>> = {
  watched: 'In the namespaces that it watches',
  own: 'In the namespace that it runs in',
  cluster: 'Outside of namespaces',
};

/** Rules of the chart's roles, a file a scope, and the page that explains them. */
export const accessFiles = (): readonly GeneratedFile[] => [
  ...(Object.keys(SCOPES) as AccessScope[]).map((scope) => ({
    path: `charts/imapcluster/files/access/${scope}.yaml`,
    text: accessRules
      .filter((rule) => rule.scope === scope)
      .map(roleRule)
      .join(''),
  })),
  { path: 'docs/reference/permissions.md', text: permissionsPage() },
];

/** Of the chart: what the Lease is called too (`imapcluster.configuration`). */
const OWN_NAME = '{{ include "imapcluster.fullname" . }}';

function roleRule({ group, resources, verbs, named, why }: AccessRule): string {
  const names = named === true ? { resourceNames: [OWN_NAME] } : {};
  return `# ${why}\n${stringify([{ apiGroups: [group], resources, ...names, verbs }], { lineWidth: 0 })}`;
}

function permissionsPage(): string {
  const sections = (Object.entries(SCOPES) as [AccessScope, string][]).map(([scope, title]) => {
    const rows = accessRules.filter((rule) => rule.scope === scope).map(row);
    return `## ${title}\n\n${markdownTable(['group', 'resources', 'verbs', 'why'], rows)}\n`;
  });
  return `${generatedFrom([SOURCE])}
# Permissions of the operator

Everything that the operator may do with the API server, and nothing that it does not. The chart grants it: with an empty \`watchNamespaces\` by a
ClusterRole, else by a Role in each of them; what lies outside of namespaces by a ClusterRole, which \`rbac.nodes: false\` leaves out. A test asks a real API server, with the
chart's roles installed, for each of these rights, and for others that must be missing.

${sections.join('\n')}
An imapd pod may read one ConfigMap, that with the routing document of its cluster. Pods of databases have no access to the API server.

For people the chart adds the two kinds to the ClusterRoles \`view\`, \`edit\` and \`admin\` of Kubernetes (\`rbac.aggregate\`), and a Role for those who use imapctl
without other rights in the operator's namespace (\`rbac.clients\`).
`;
}

const row = ({ group, resources, verbs, named, why }: AccessRule): readonly string[] => [
  group === '' ? '(core)' : code(group),
  `${resources.map(code).join(', ')}${named === true ? ' of its own name' : ''}`,
  verbs.join(', '),
  why,
];
