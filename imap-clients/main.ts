import { Command } from 'commander';
import pc from 'picocolors';
import { clientTable } from './client-table.ts';
import { installClients } from './install-clients.ts';
import { findClient } from './support/find-client.ts';

/** `npm run clients -- COMMAND`: the mail programs that the server is judged by. */
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const program = new Command('clients')
  .description('The mail programs that the server is judged by: npx vitest run --project integration imap-clients')
  .showHelpAfterError('(--help says more)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command('list', { isDefault: true })
  .description('which of them are on this machine')
  .action(async () => {
    const found = await Promise.all(clientTable.map(findClient));
    for (const [n, { name, what }] of clientTable.entries()) {
      const one = found[n];
      const state = one?.found === true ? pc.green(one.version) : pc.yellow(`missing: ${one?.how ?? ''}`);
      say(`${name.padEnd(16)} ${what.padEnd(54)} ${state}`);
    }
  });

program
  .command('install')
  .description('bring those that are missing: Debian packages (as root), and what is built into the cache')
  .action(() => installClients(clientTable, say));

try {
  await program.parseAsync();
} catch (cause) {
  if (!(cause instanceof Error)) throw cause;
  process.stderr.write(`clients: ${cause.message}\n`);
  process.exitCode = 1;
}
