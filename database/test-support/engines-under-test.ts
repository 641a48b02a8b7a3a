import { packagedServers, type ServerName } from '../programs/catalogue.ts';

/** A database server that tests run against: the PostgreSQL that npm brings, or a server of Debian's packages. */
export type EngineUnderTest = 'postgresql' | ServerName;

const known: readonly string[] = ['postgresql', ...Object.keys(packagedServers)];

/** Where nothing else is said. */
const DEFAULT = 'postgresql';

/**
 * What the tests run against that hold for every engine: `describe.each(enginesUnderTest)('%s', …)`. The variable names others, with
 * commas: IMAPCLUSTER_ENGINES=postgresql,mariadb-10.11.
 * @throws Error where it names one that is not known
 */
export const enginesUnderTest: readonly EngineUnderTest[] = named(process.env.IMAPCLUSTER_ENGINES || DEFAULT);

function named(list: string): readonly EngineUnderTest[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`IMAPCLUSTER_ENGINES names '${unknown}', which is none of ${known.join(', ')}`);
  }
  return names as EngineUnderTest[];
}
