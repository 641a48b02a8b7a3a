import { type JsonSchema, plainSchema } from '#crds/generation/json-schema.ts';
import { fallbackOf, rowsOf, type SchemaRow, typeName } from '#crds/generation/schema-table.ts';
import { code, generatedFrom, markdownTable } from '../markdown.ts';
import { Values } from './values.ts';

/** Longer defaults are in values.yaml, where they can be read. */
const LONGEST = 60;

/** charts/imapcluster/README.md: what people find where charts are listed. */
export const chartReadme =
  (): string => `${generatedFrom(['reference/chart/values.ts', 'reference/chart/chart-readme.ts'])}
# imapcluster

Installs the operator of imapcluster: IMAP from many stateless servers over replicated SQL databases, with failovers that keep every session open. What
it serves is said by two kinds of objects, \`ImapCluster\` and \`MailboxPartition\`, whose definitions come with the chart.

\`\`\`
helm install imapcluster charts/imapcluster --namespace imapcluster-system --create-namespace
kubectl create namespace mail
kubectl apply --namespace mail --filename charts/imapcluster/examples/mail.yaml
\`\`\`

Needs Kubernetes 1.30 or newer (sleeping \`preStop\` hooks; quantities in rules of the definitions) and, for managed databases, a storage class. The guide
\`docs/guides/install.md\` goes through installation, the first cluster, upgrades, removal, permissions and sizing.

- The definitions are templates of the chart, so that \`helm upgrade\` brings them up to date; \`crds.keep\` saves them, and all mail with them, from
  \`helm uninstall\`.
- Pods keep the Pod Security Standard "restricted"; two replicas elect a leader.
- \`helm test\` signs in over IMAP, once \`loginTest\` names a user.
- Values are checked: a misspelt name is refused.

## Values

${valuesTable()}
`;

function valuesTable(): string {
  const rows = rowsOf(plainSchema(Values)).filter(
    ({ path, schema, required }) => isValue(schema) && (required || path.includes('.')),
  );
  return markdownTable(['value', 'type', 'default', 'meaning'], rows.map(row));
}

const isValue = (schema: JsonSchema): boolean => schema.properties === undefined || schema.default !== undefined;

function row(given: SchemaRow): readonly string[] {
  const fallback = fallbackOf(given);
  return [
    code(given.path),
    typeName(given.schema),
    fallback.length > LONGEST ? 'see values.yaml' : fallback,
    given.schema.description ?? '',
  ];
}
