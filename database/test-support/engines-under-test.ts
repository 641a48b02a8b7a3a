import { packagedServers, type ServerName } from '../programs/catalogue.ts';
import { isHere } from './is-here.ts';

/** A database server that tests run against: the PostgreSQL that npm brings, or a server of Debian's packages. */
export type EngineUnderTest = 'postgresql' | ServerName;

const known: readonly string[] = ['postgresql', ...Object.keys(packagedServers)];

/** Where nothing else is said: those that this machine can have. */
const USUAL: readonly EngineUnderTest[] = ['postgresql', 'mariadb-10.11', 'mysql-9.7'];

/**
 * What the tests run against that hold for every engine: `describe.each(enginesUnderTest)('%s', …)`. The variable names others, with
 * commas: IMAPCLUSTER_ENGINES=postgresql,mariadb-11.8.
 * @throws Error where it names one that is not known
 */
export const enginesUnderTest: readonly EngineUnderTest[] = process.env.IMAPCLUSTER_ENGINES
  ? named(process.env.IMAPCLUSTER_ENGINES)
  : await usual();

function named(list: string): readonly EngineUnderTest[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`IMAPCLUSTER_ENGINES names '${unknown}', which is none of ${known.join(', ')}`);
  }
  return names as EngineUnderTest[];
}

async function usual(): Promise<readonly EngineUnderTest[]> {
  const here = await Promise.all(USUAL.map(async (engine) => engine === 'postgresql' || (await isHere(engine))));
  return USUAL.filter((_, index) => here[index]);
}
