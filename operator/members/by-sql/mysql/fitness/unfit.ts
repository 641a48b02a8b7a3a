import { type Engine, productName } from '#database/engine.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { newestMajor } from '#database/mysql/newest-major.ts';
import { roles } from '#database/roles.ts';
import type { Unfit } from '../../engine-server.ts';
import type { MysqlFacts } from '../looks/facts.ts';
import type { Fitness } from './read-fitness.ts';
import { GALERA, GROUP, OLD_PLUGINS, PLUGINS, wants } from './wanted.ts';

export type FitnessContext = {
  /** What the manifest says. */
  readonly engine: Engine;
  readonly database: string;
  /** Names of other members with this `server_id`. */
  readonly sameServerId: (serverId: number) => readonly string[];
  /** After a start in which nobody had set it yet it was seen to take writes (MariaDB). */
  readonly opensAtStart: boolean;
  /** Replicas that are no members, where more acknowledge than members can. */
  readonly strangeAcknowledgers: readonly string[];
};

type Asked = { readonly facts: Pick<MysqlFacts, 'version' | 'serverId'>; readonly fitness: Fitness };

/** Of each series the oldest that the statements are meant for: 8.2 has `SHOW BINARY LOG STATUS`, and 8.4 is the next that lasts. */
const OLDEST: Readonly<Record<Flavour, readonly [number, number]>> = { mariadb: [10, 11], mysql: [8, 4] };

/** Why a server cannot be worked with, in words that say what to do. null: it can. */
export function unfit({ facts, fitness }: Asked, context: FitnessContext): Unfit | null {
  const { flavour } = fitness;
  if (flavour !== context.engine) {
    const message = `the server is ${productName[flavour]} ${facts.version}: the manifest says engine: ${context.engine}`;
    return { code: 'SettingsUnfit', message };
  }
  const wrong = [
    ...ofVersion(facts.version, flavour),
    ...ofVariables(fitness, context),
    ...ofPlugins(fitness),
    ...ofIdentity(facts.serverId, context),
    ...ofStart(context),
    ...ofCrashes(fitness),
    ...ofStrangers(context),
    ...ofReplication(fitness),
    ...ofAccounts(fitness),
  ];
  return wrong.length === 0 ? null : { code: 'SettingsUnfit', message: wrong.join('; ') };
}

function ofVersion(version: string, flavour: Flavour): readonly string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least, lesser] = OLDEST[flavour];
  const newest = newestMajor[flavour];
  if (major > newest)
    return [
      `${productName[flavour]} is ${version} and has to be ${least}.${lesser} to ${newest}: newer ones are not understood yet`,
    ];
  if (major > least || (major === least && minor >= lesser)) return [];
  return [`${productName[flavour]} is ${version} and has to be at least ${least}.${lesser}`];
}

function ofVariables({ flavour, variables }: Fitness, { database }: FitnessContext): readonly string[] {
  const wrong = Object.entries(wants(flavour)).flatMap(([name, want]) => {
    const value = variables[name];
    if (value !== undefined && want.holds(value)) return [];
    return [`${name} is ${value ?? 'unknown'} and has to be ${want.words}`];
  });
  if (variables[GALERA] === 'ON')
    wrong.push(`${GALERA} is ON and has to be OFF: a Galera cluster replicates by itself`);
  if ((variables[GROUP] ?? '') !== '')
    wrong.push(
      `${GROUP} is ${variables[GROUP]} and has to be empty: a group replicates by itself, and no member of one is taken`,
    );
  if (variables.lower_case_table_names === '1' && database !== database.toLowerCase())
    wrong.push(`lower_case_table_names is 1 and has to be 0 for a database called ${database}`);
  return wrong;
}

function ofPlugins({ flavour, variables, hasEd25519 }: Fitness): readonly string[] {
  const missing = Object.entries(PLUGINS[flavour]).flatMap(([name, install]) => (name in variables ? [] : [install]));
  if (flavour === 'mariadb' && !hasEd25519) missing.push("INSTALL SONAME 'auth_ed25519'");
  const old = Object.entries(OLD_PLUGINS[flavour]).flatMap(([name, uninstall]) =>
    name in variables ? [uninstall] : [],
  );
  return [
    ...old.map(
      (uninstall) => `a plug-in of the old name is loaded: with replication stopped, ${uninstall}, and out of the file`,
    ),
    ...missing.map((install) => `a plug-in is missing: ${install}`),
  ];
}

function ofIdentity(serverId: number, { sameServerId }: FitnessContext): readonly string[] {
  const same = sameServerId(serverId);
  return same.length === 0 ? [] : [`server_id is ${serverId}, as that of ${same.join(', ')}, and has to be its own`];
}

/** MariaDB has no statement that keeps it closed over a restart. */
const ofStart = ({ opensAtStart }: FitnessContext): readonly string[] =>
  opensAtStart
    ? [
        'read_only is OFF after a start, so that writes would be taken which no replica has: ' +
          'write read_only = 1 into its file, under [mysqld], and start it again; or, where nobody uses it yet, SET GLOBAL read_only = 0 once the line is there',
      ]
    : [];

/** Set by a statement, as the operator does, it is not there yet when the log is looked through. */
const ofCrashes = ({ acknowledgesFromStart }: Fitness): readonly string[] =>
  acknowledgesFromStart
    ? [
        'rpl_semi_sync_slave_enabled is ON from the start, with which a server that crashed may cut off the end of its log: ' +
          'take it out of its file, init_rpl_role too, then SET GLOBAL rpl_semi_sync_slave_enabled = 1, or 0 on the primary',
      ]
    : [];

/** Commits wait for so many, whoever they are. */
const ofStrangers = ({ strangeAcknowledgers: strange }: FitnessContext): readonly string[] =>
  strange.length === 0
    ? []
    : [
        `${strange.join(', ')} replicates from it, is no member, and may acknowledge commits that no member has: ` +
          'switch rpl_semi_sync_slave_enabled (MySQL: rpl_semi_sync_replica_enabled) off there, and start its receiver again',
      ];

function ofReplication({ replication: { channels, delay, filters } }: Fitness): readonly string[] {
  const wrong = Object.entries(filters).map(([name, value]) => `${name} is ${value} and has to be empty`);
  if (channels > 1) wrong.push(`it follows ${channels} servers and has to follow one: RESET the other channels`);
  if (delay > 0) wrong.push(`it applies with a delay of ${delay} s and has to apply at once`);
  return wrong;
}

/** Neither lifts a fence, nor writes past the log. */
const ORDINARY = new Set(['USAGE', 'BINLOG MONITOR', 'SLAVE MONITOR', 'REPLICATION CLIENT']);

/** On a replica alone it would be a transaction that nobody else has. */
const WHERE = '(on the primary; where only a replica has it, there, after SET sql_log_bin = 0)';

function ofAccounts({ shadows, mailRights, passwordChecks }: Fitness): readonly string[] {
  const wrong = shadows.map((account) => {
    const at = account.lastIndexOf('@');
    const drop = `DROP USER '${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
    return `an account stands in front of those of imapcluster: ${drop} ${WHERE}`;
  });
  const excess = mailRights.filter((name) => !ORDINARY.has(name));
  if (passwordChecks.length > 0)
    wrong.push(
      `strict_password_validation is ON and has to be OFF: with ${passwordChecks.join(', ')} it refuses accounts that are made by a hash`,
    );
  if (excess.length > 0)
    wrong.push(`${roles.mail} may do too much: REVOKE ${excess.join(', ')} ON *.* FROM '${roles.mail}'@'%' ${WHERE}`);
  return wrong;
}
