import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetching, MailClient, Place } from '../mail-client.ts';
import { startProgram } from '../support/run-program.ts';

export const fetchmail: MailClient = {
  name: 'fetchmail',
  what: 'fetches, hands on by SMTP and deletes',
  packages: ['fetchmail'],
  probe: ['fetchmail', '-V', '-f', '/dev/null'],
  setUp: 'STARTTLS with `sslcertck`; `fetchall`, `no keep`',
  does: { kind: 'fetcher', empties: true, open },
};

async function open({ folder, account, openSmtp }: Place): Promise<Fetching> {
  const smtp = await openSmtp();
  const configuration = join(folder, 'fetchmailrc');
  await writeFile(
    configuration,
    `poll ${account.host} service ${account.port} protocol IMAP auth password
  user "${account.user}" password "${account.password}" is "somebody" here
  sslproto TLS1.2+ sslcertck sslcertfile "${account.certificateFile}"
  smtphost 127.0.0.1/${smtp.port}
  fetchall no keep
`,
    { mode: 0o600 },
  );
  const command: [string, ...string[]] = [
    'fetchmail',
    '--fetchmailrc',
    configuration,
    '--nodetach',
    '--nosyslog',
    '-v',
  ];
  return {
    start: () => startProgram(command, { folder, input: '', environment: { FETCHMAILHOME: folder, HOME: folder } }),
    delivered: async () => smtp.received(),
  };
}
