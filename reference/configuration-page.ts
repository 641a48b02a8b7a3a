import { type JsonSchema, plainSchema, withoutNull } from '#crds/generation/json-schema.ts';
import { allowedOf, fallbackOf, rowsOf, type SchemaRow, typeName } from '#crds/generation/schema-table.ts';
import { ImapdConfiguration } from '#imapd/configuration.ts';
import { ProbeConfiguration } from '#imapd/probe/probe-configuration.ts';
import { MemberConfiguration } from '#member/configuration.ts';
import { OperatorConfiguration } from '#operator/configuration.ts';
import { defaultTuning } from '#operator/tuning.ts';
import { operatorOrigins, probeOrigins } from './chart/chart-origins.ts';
import { documentedFields } from './documented-fields.ts';
import { fixedBounds } from './fixed-bounds.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';
import { imapdOrigins, memberOrigins, type SettingOrigins } from './setting-origins.ts';

const SOURCES = [
  'imapd/configuration.ts',
  'imapd/session/session-limits.ts',
  'imapd/protocol/limits.ts',
  'imapd/mime/limits.ts',
  'imapd/probe/probe-configuration.ts',
  'member/configuration.ts',
  'operator/configuration.ts',
  'operator/tuning.ts',
  'reference/fixed-bounds.ts',
];

/** docs/reference/configuration.md */
export async function configurationPage(): Promise<string> {
  return `${generatedFrom(SOURCES)}
# Configuration and limits

People configure a cluster by manifests ([ImapCluster](imap-cluster.md), [MailboxPartition](mailbox-partition.md)) and by the options
of \`npm run standalone -- --help\`. Out of these the supervisor writes one JSON file for each process (\`--config FILE\`), anew at
every start: whatever is edited there by hand is overwritten. On Kubernetes the operator writes those of imapd and agents, and the chart that of the operator. This
page lists every field of those files and every built-in limit.

"Set by" names the manifest field, the option of standalone or the value of the chart that a value comes from; "not yet" means that it has its default and
nothing changes it.

## imapd

${settings(plainSchema(ImapdConfiguration), imapdOrigins)}

## member agent

${settings(plainSchema(MemberConfiguration), memberOrigins)}

## operator on Kubernetes

${settings(plainSchema(OperatorConfiguration), operatorOrigins)}

\`tuning\` takes the names of the next section.

## operator: budgets and periods

Constants; \`failover\` and \`durability\` of a MailboxPartition are what people set.

${await constants('operator/tuning.ts', 'Tuning', { ...defaultTuning })}

## fixed bounds

Nothing sets these: they protect a process, and no deployment is known that would want others.

${markdownTable(
  ['name', 'value', 'unit', 'where', 'meaning'],
  (await fixedBounds()).map(({ name, value, file, meaning }) => [
    code(name),
    String(value),
    fixedUnits[name] ?? (name.endsWith('_MS') ? 'ms' : ''),
    code(file),
    meaning,
  ]),
)}

## probe

Signs in over IMAP for \`helm test\`.

${settings(plainSchema(ProbeConfiguration), probeOrigins)}
`;
}

/** Only what holds a value: the objects around it are told by the paths. */
function settings(schema: JsonSchema, origins: SettingOrigins): string {
  const rows = rowsOf(schema).filter((row) => withoutNull(row.schema).schema.properties === undefined);
  const stale = Object.keys(origins).filter((path) => !rows.some((row) => row.path === path));
  if (stale.length > 0) throw new Error(`reference/setting-origins.ts names fields that are gone: ${stale.join(', ')}`);
  const head = ['field', 'type', 'unit', 'default', 'allowed', 'set by', 'meaning'];
  return markdownTable(
    head,
    rows.map((row) => settingRow(row, origins)),
  );
}

function settingRow(row: SchemaRow, origins: SettingOrigins): readonly string[] {
  const { schema } = withoutNull(row.schema);
  if (schema.description === undefined) throw new Error(`${row.path} has no description: say what it is for`);
  const origin = origins[row.path] ?? 'not yet';
  return [
    code(row.path),
    typeName(row.schema),
    unitOf(row.path),
    fallbackOf(row),
    allowedOf(schema),
    origin,
    schema.description,
  ];
}

async function constants(file: string, type: string, values: Readonly<Record<string, number>>): Promise<string> {
  const fields = await documentedFields(file, type);
  return markdownTable(
    ['name', 'value', 'unit', 'meaning'],
    fields.map(({ name, meaning }) => [code(name), String(values[name]), unitOf(name), meaning]),
  );
}

const fixedUnits: Readonly<Record<string, string>> = {
  LEVEL_LIMIT: 'octets',
  LARGEST_INNER_HEADER: 'octets',
  RAW_UP_TO: 'octets',
  LARGEST_MESSAGE: 'octets',
};

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, 'ms'],
  [/Seconds$/, 's'],
  [/Bytes$/, 'octets'],
  [/KiB$/, 'KiB'],
  [
    /^mime\.(header|rememberedFields|line)$|^protocol\.(line|literal|literalBeforeLogin|literalsTogether|message|discard|tag|continuationLine|keyword|mailboxName)$/,
    'octets',
  ],
];

const unitOf = (path: string): string => UNITS.find(([pattern]) => pattern.test(path))?.[1] ?? '';
