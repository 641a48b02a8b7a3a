import { type Engine, productName } from './engine.ts';

/** First and second number. Older ones are not tested, and of MySQL know other words for replication. */
const OLDEST: Readonly<Record<Engine, readonly [number, number]>> = {
  postgresql: [15, 0],
  mariadb: [10, 11],
  mysql: [8, 4],
};

export type AskedServer = {
  readonly engine: Engine;
  /** Of the program, as it tells it: "10.11.19". */
  readonly version: string;
  /** First number of the version that is asked for; undefined: any. */
  readonly majorVersion: number | undefined;
};

/** Why that server is not to be started, be there data of it or not; null: it may be. */
export function versionRefusal({ engine, version, majorVersion }: AskedServer): string | null {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const is = `the server is ${productName[engine]} ${version}`;
  if (majorVersion !== undefined && major !== majorVersion) return `${is}, and is to be ${majorVersion}`;
  const [oldest, oldestMinor] = OLDEST[engine];
  const isTooOld = major < oldest || (major === oldest && minor < oldestMinor);
  return isTooOld ? `${is}, and is to be ${oldest}.${oldestMinor} or newer` : null;
}

const REFUSAL = /the server is (?:PostgreSQL|MariaDB|MySQL) \S+, and is to be [\d.]+(?: or newer)?/;

/** The refusal in what an agent has written at its end; null where there is none. */
export const refusalIn = (log: string): string | null => REFUSAL.exec(log)?.[0] ?? null;
