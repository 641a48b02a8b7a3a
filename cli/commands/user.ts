import { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { readPassword } from '../terminal/read-password.ts';
import { table } from '../terminal/table.ts';

type PasswordFlag = { readonly passwordStdin?: boolean };

/** `imapctl user add|passwd|list|remove`. */
export function userCommand(context: Context): Command {
  const user = new Command('user').description('people who may sign in');
  const stdinFlag = ['--password-stdin', 'take the password from the first line of standard input'] as const;

  user
    .command('add <name>')
    .description('add a user, with an INBOX and the usual mailboxes')
    .option(...stdinFlag)
    .action(async (name: string, { passwordStdin = false }: PasswordFlag) => {
      const password = await readPassword({ fromStdin: passwordStdin, prompt: `Password of ${name}` });
      await withConnection(context, (connection) => connection.addUser(name, password));
      process.stdout.write(`added ${name}\n`);
    });

  user
    .command('passwd <name>')
    .description('set the password of a user')
    .option(...stdinFlag)
    .action(async (name: string, { passwordStdin = false }: PasswordFlag) => {
      const password = await readPassword({ fromStdin: passwordStdin, prompt: `New password of ${name}` });
      await withConnection(context, (connection) => connection.setPassword(name, password));
      process.stdout.write(`password of ${name} changed\n`);
    });

  user
    .command('list')
    .description('all users and the partitions that hold them')
    .action(async () => {
      const { users, unavailable } = await withConnection(context, (connection) => connection.listUsers());
      const rows = users.map(({ name, partition, createdAt }) => [name, partition, createdAt]);
      process.stdout.write(`${table(['name', 'partition', 'created'], rows)}\n`);
      for (const partition of unavailable) {
        process.stderr.write(`imapctl: partition ${partition} does not answer; its users are missing here\n`);
      }
    });

  user
    .command('remove <name>')
    .description('remove a user with all mail')
    .requiredOption('--yes', 'yes, with all mail')
    .action(async (name: string) => {
      await withConnection(context, (connection) => connection.removeUser(name));
      process.stdout.write(`removed ${name}\n`);
    });
  return user;
}
