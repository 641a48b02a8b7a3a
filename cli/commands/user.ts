import { Command } from 'commander';
import type { UserDetails } from '#contract/users-api.ts';
import { CliError } from '../cli-error.ts';
import { type Context, withConnection } from '../context.ts';
import { readPassword } from '../terminal/read-password.ts';
import { table } from '../terminal/table.ts';
import { type ChangeFlags, changeOf, withChangeFlags } from './user-change.ts';

type PasswordFlag = { readonly passwordStdin?: boolean };

/** `imapctl user add|set|show|passwd|list|remove`. */
export function userCommand(context: Context): Command {
  const user = new Command('user').description('people who may sign in');
  const stdinFlag = ['--password-stdin', 'take the password from the first line of standard input'] as const;

  withChangeFlags(user.command('add <name>'))
    .description('add a user, with an INBOX and the usual mailboxes')
    .option(...stdinFlag)
    .action(async (name: string, { passwordStdin = false, ...flags }: PasswordFlag & ChangeFlags) => {
      const password = await readPassword({ fromStdin: passwordStdin, prompt: `Password of ${name}` });
      await withConnection(context, (connection) => connection.addUser(name, password, changeOf(flags)));
      process.stdout.write(`added ${name}\n`);
    });
  addRecordCommands(user, context);

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

/** The record of a user: looked at, and changed. */
function addRecordCommands(user: Command, context: Context): void {
  withChangeFlags(user.command('set <name>'))
    .description('change limits and rights of a user')
    .action(async (name: string, flags: ChangeFlags) => {
      const change = changeOf(flags);
      if (Object.keys(change).length === 0) throw new CliError('nothing to change: name at least one option');
      show(await withConnection(context, (connection) => connection.changeUser(name, change)));
    });

  user
    .command('show <name>')
    .description('what a user has, and may have')
    .action(async (name: string) => show(await withConnection(context, (connection) => connection.showUser(name))));
}

function show({ name, partition, createdAt, admin, groups, quota }: UserDetails): void {
  const facts = {
    ...{ user: name, partition, created: createdAt, administrator: admin ? 'yes' : 'no' },
    groups: groups.length === 0 ? 'none' : groups.join(', '),
  };
  for (const [label, value] of Object.entries(facts)) process.stdout.write(`${label}: ${value}\n`);
  const rows = Object.entries(quota).map(([resource, { used, limit, own }]) => [
    resource,
    String(used),
    limit === null ? 'none' : String(limit),
    own === 'default' ? 'the cluster' : 'the user',
  ]);
  process.stdout.write(`\n${table(['resource', 'used', 'limit', 'limit of'], rows)}\n`);
}
