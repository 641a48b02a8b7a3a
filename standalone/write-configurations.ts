import type { SigningKey } from '#contract/signature.ts';
import { parseDuration } from '#crds/duration.ts';
import { ImapdConfiguration } from '#imapd/configuration.ts';
import { MemberConfiguration } from '#member/configuration.ts';
import type { AuthorityFiles } from '#operator/cluster/imapd-authentication.ts';
import { imapdBehaviour } from '#operator/cluster/imapd-configuration.ts';
import type { Tuning } from '#operator/tuning.ts';
import type { RunAs } from '#runtime/privileges.ts';
import type { Administrator } from './manifests/administrators.ts';
import { OperatorConfiguration } from './operator/configuration.ts';
import type { StoredSqlCredentials } from './operator/sql-credentials-file.ts';
import { clusterSpec, LOOPBACK, type MemberPlan, type PartitionPlan, type Plan, type PodPlan } from './plan.ts';
import { writeConfiguration } from './processes/child-configuration.ts';
import type { ServerPrograms } from './programs/server-programs.ts';
import type { CertificateFiles } from './state/certificate.ts';
import { signedRoutingFile } from './state/outdated-routing.ts';
import { partitionSecrets, type Tokens } from './state/secrets.ts';
import type { StateFolder } from './state/state-folder.ts';
import type { ConfigFiles } from './supervisor.ts';

/** What the configurations of all children are made of. */
export type Ingredients = {
  readonly state: StateFolder;
  /** Where the sources of the children are. */
  readonly programFolder: string;
  readonly plan: Plan;
  readonly key: SigningKey;
  readonly tokens: Tokens;
  readonly certificate: CertificateFiles;
  readonly authorities: AuthorityFiles;
  readonly serverPrograms: ServerPrograms;
  readonly socketFolder: string;
  readonly imap: { readonly host: string; readonly imapPort: number; readonly imapsPort: number };
  readonly runAs: RunAs | null;
  readonly logLevel: string;
  /** Of servers that somebody else runs, by partition: from the Secrets of the manifests. */
  readonly administrators: ReadonlyMap<string, Administrator>;
  readonly tuning?: Partial<Tuning> | undefined;
  readonly crashPoint?: string | undefined;
};

/** All configurations of all children; each is written anew at every start. */
export async function writeConfigurations(from: Ingredients): Promise<ConfigFiles> {
  const agents: { member: string; partition: string; file: string }[] = [];
  for (const partition of from.plan.partitions) {
    // Of servers that somebody else runs too: imapd and the jobs take theirs from there.
    await partitionSecrets(from.state, partition.object.metadata.name);
    for (const member of partition.members) {
      const file = await writeAgentConfiguration(from, partition, member);
      agents.push({ member: member.name, partition: partition.object.metadata.name, file });
    }
  }
  const imapd: { pod: Plan['pods'][number]; file: string }[] = [];
  for (const pod of from.plan.pods) imapd.push({ pod, file: await writeImapdConfiguration(from, pod) });
  return { operator: await writeOperatorConfiguration(from), agents, imapd };
}

async function writeAgentConfiguration(
  from: Ingredients,
  { object, members }: PartitionPlan,
  member: MemberPlan,
): Promise<string> {
  const { state, plan } = from;
  const partition = object.metadata.name;
  const { repository, failover } = object.spec;
  const { agentFile } = await partitionSecrets(state, partition);
  const folder = await state.childFolder('members', partition, member.name);
  const value = {
    cluster: plan.cluster.metadata.name,
    partition,
    member: member.name,
    engine: repository.engine,
    listen: { host: LOOPBACK, port: member.agentPort },
    server: {
      host: LOOPBACK,
      port: member.serverPort,
      binDirectory: from.serverPrograms.get(repository.engine),
      dataDirectory: `${folder}/data`,
      socketDirectory: from.socketFolder,
      database: repository.database,
      parameters: repository.managed?.parameters ?? {},
    },
    secretsFile: agentFile,
    operatorKeys: [from.key.publicJwk],
    token: from.tokens.agent,
    probe: { intervalMs: parseDuration(failover.probeInterval) },
    // A member without peers is never cut off from them.
    ...(members.length === 1 ? { isolation: { afterMs: null } } : {}),
    runAs: from.runAs,
    logLevel: from.logLevel,
  };
  return await writeConfiguration(state, `agent-${member.name}`, { schema: MemberConfiguration, value });
}

async function writeImapdConfiguration(from: Ingredients, pod: PodPlan): Promise<string> {
  const value = {
    pod: pod.name,
    cluster: from.plan.cluster.metadata.name,
    routing: { publicKeys: [from.key.publicJwk], documentFile: signedRoutingFile(from.state) },
    credentialsDirectory: from.state.file('credentials'),
    admin: { host: LOOPBACK, port: pod.adminPort, token: from.tokens.imapd },
    listen: {
      imap: { host: from.imap.host, port: from.imap.imapPort },
      imaps: { host: from.imap.host, port: from.imap.imapsPort },
    },
    tls: from.certificate,
    ...imapdBehaviour(from.plan.cluster, { ...from.authorities, scramSecret: from.tokens.scram }),
    runAs: from.runAs,
    logLevel: from.logLevel,
  };
  return await writeConfiguration(from.state, pod.name, { schema: ImapdConfiguration, value });
}

/** The file of each partition whose servers somebody else runs: with whose name the operator signs in to them. */
async function writeSqlCredentials({ state, plan, administrators }: Ingredients): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { object, existing } of plan.partitions) {
    const { name } = object.metadata;
    if (existing.length === 0) continue;
    const { passwords } = await partitionSecrets(state, name);
    const { replication, mail, salvage } = passwords;
    const administrator = administrators.get(name) ?? { username: '', password: '' };
    const value: StoredSqlCredentials = { ...administrator, rolePasswords: { replication, mail, salvage } };
    files[name] = await state.writeForChildren(`${JSON.stringify(value)}\n`, 'administrators', `${name}.json`);
  }
  return files;
}

async function writeOperatorConfiguration(from: Ingredients): Promise<string> {
  const { state, plan } = from;
  await state.childFolder('operator', 'records');
  const value = {
    spec: clusterSpec(plan),
    recordsFolder: state.file('operator', 'records'),
    routingFile: state.file('operator', 'routing.json'),
    signedRoutingFile: signedRoutingFile(state),
    signingKeyFile: state.file('keys', 'signing.json'),
    agentToken: from.tokens.agent,
    sqlCredentials: await writeSqlCredentials(from),
    imapdToken: from.tokens.imapd,
    listen: { host: LOOPBACK, port: plan.operatorPort },
    tuning: from.tuning ?? {},
    crashPoint: from.crashPoint ?? null,
    runAs: from.runAs,
    logLevel: from.logLevel,
  };
  return await writeConfiguration(state, 'operator', { schema: OperatorConfiguration, value });
}
