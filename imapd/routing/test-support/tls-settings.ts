import type { Engine } from '#database/engine.ts';
import type { CertificateFiles } from '#database/test-support/server-certificates.ts';

/** Settings of a server that speaks TLS, and to nobody from elsewhere without. PostgreSQL has the second in `HOST_BASED_ACCESS`. */
export const withTls = (engine: Engine, { ca, cert, key }: CertificateFiles): Readonly<Record<string, string>> =>
  engine === 'postgresql'
    ? { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key }
    : { 'ssl-ca': ca, 'ssl-cert': cert, 'ssl-key': key, 'require-secure-transport': 'ON' };

/** `pg_hba.conf`: everybody here, and from elsewhere over TLS alone. */
export const HOST_BASED_ACCESS = 'local all all trust\nhostssl all all all scram-sha-256\n';

/** Settings of one that speaks none. */
export const withoutTls: Readonly<Record<Engine, Readonly<Record<string, string>>>> = {
  postgresql: { ssl: 'off' },
  mariadb: { ssl: '0' },
  mysql: { 'tls-version': '' },
};
