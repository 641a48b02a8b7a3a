import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import type { CertificateFiles } from '#database/test-support/server-certificates.ts';
import { type ExistingMysqlOptions, startExistingMysqlServers } from './existing-mysql-servers.ts';
import { type ExistingServers, startExistingServers } from './existing-servers.ts';

export type ExistingOptions = ExistingMysqlOptions & {
  /** What all of them show over TLS; absent: what they show of themselves, which is nothing on PostgreSQL. */
  readonly certificate?: CertificateFiles;
  /** PostgreSQL: roles that are let in over TLS alone. Accounts of the others come with the operator, and ask for nothing. */
  readonly overTls?: readonly string[];
};

/** Servers of any engine as somebody else runs them. `repositories` as `startExistingServers`. */
export const startExisting = (
  engine: EngineUnderTest,
  repositories: readonly string[],
  { certificate, overTls, ...mysql }: ExistingOptions = {},
): Promise<ExistingServers> =>
  engine === 'postgresql'
    ? startExistingServers(repositories, { certificate, overTls })
    : startExistingMysqlServers(engine, repositories, {
        ...mysql,
        lines: [...(mysql.lines ?? []), ...tls(certificate)],
      });

const tls = (certificate: CertificateFiles | undefined): readonly string[] =>
  certificate === undefined
    ? []
    : [`ssl_ca=${certificate.ca}`, `ssl_cert=${certificate.cert}`, `ssl_key=${certificate.key}`];
