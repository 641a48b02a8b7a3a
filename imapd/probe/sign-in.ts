import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { ImapConnection } from './imap-connection.ts';
import type { ProbeConfiguration } from './probe-configuration.ts';

export type SignedIn = {
  readonly user: string;
  readonly mailbox: string;
  readonly messages: number;
  readonly milliseconds: number;
};

/**
 * What a mail program does first: connect, sign in, open a mailbox. Nothing is changed: EXAMINE, not SELECT.
 * @throws Error with what the server, or the network, had against it
 */
export async function signIn(configuration: ProbeConfiguration): Promise<SignedIn> {
  const { host, port, deadlineMs } = configuration;
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    return await attempt(configuration, signal);
  } catch (cause) {
    if (signal.aborted) throw new Error(`${host}:${port} did not answer within ${deadlineMs} ms`, { cause });
    throw cause;
  }
}

async function attempt(configuration: ProbeConfiguration, signal: AbortSignal): Promise<SignedIn> {
  const { host, port, tls, credentialsDirectory, mailbox } = configuration;
  const started = performance.now();
  const user = await credential(credentialsDirectory, 'username');
  const password = await credential(credentialsDirectory, 'password');
  const options = await tlsOptions(configuration);
  const connection = await ImapConnection.open({ host, port, signal }, tls.security === 'tls' ? options : null);
  try {
    await connection.greeting();
    if (tls.security === 'starttls') await connection.startTls(options);
    await connection.command('LOGIN', user, password);
    const told = await connection.command(`EXAMINE "${mailbox.replaceAll(/["\\]/g, '\\$&')}"`);
    await connection.command('LOGOUT');
    return { user, mailbox, messages: exists(told), milliseconds: Math.round(performance.now() - started) };
  } finally {
    connection.close();
  }
}

async function tlsOptions({ host, tls }: ProbeConfiguration): Promise<ConnectionOptions> {
  const name = tls.serverName ?? host;
  return {
    host: name,
    // An address is never sent (RFC 6066, section 3), only compared with the certificate.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: tls.verifyCertificate,
    ...(tls.caFile === undefined ? {} : { ca: await readFile(tls.caFile) }),
  };
}

/** As it is in the Secret. A line break in it is a slip of whoever made the Secret (`echo` without `-n`): no user has one. */
async function credential(folder: string, name: 'username' | 'password'): Promise<string> {
  const text = await readFile(join(folder, name), 'utf8');
  if (/[\r\n]/.test(text)) throw new Error(`the ${name} in the Secret contains a line break`);
  return text;
}

function exists(told: readonly string[]): number {
  for (const line of told) {
    const [, count] = /^\* (\d+) EXISTS$/i.exec(line) ?? [];
    if (count !== undefined) return Number(count);
  }
  throw new Error('EXAMINE did not tell how many messages there are');
}
