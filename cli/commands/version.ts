import { Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import type { RunningVersion } from '../connection/cluster-connection.ts';
import { type Context, withConnection } from '../context.ts';
import { OUTPUT_FORMATS, type OutputFormat, structured } from '../terminal/print-structured.ts';
import { table } from '../terminal/table.ts';
import { version } from '../version.ts';

type Options = { readonly output?: OutputFormat; readonly client?: boolean };

/** `imapctl version`: of imapctl, and of what runs in the cluster. */
export function versionCommand(context: Context): Command {
  return new Command('version')
    .description('versions of imapctl and of what runs')
    .addOption(new Option('-o, --output <format>', 'for programs').choices(OUTPUT_FORMATS))
    .option('--client', 'of imapctl only')
    .action(async ({ output, client = false }: Options) => {
      const own = { what: 'imapctl', version };
      const running = client ? [] : await runningVersions(context);
      const all = [own, ...running];
      if (output === undefined) {
        const rows = all.map(({ what, version: is }) => [what, is]);
        process.stdout.write(`${table(['what', 'version'], rows)}\n`);
      } else process.stdout.write(structured(all, output));
    });
}

/** One's own version is told where no cluster answers, too. */
async function runningVersions(context: Context): Promise<readonly RunningVersion[]> {
  try {
    return await withConnection(context, (connection) => connection.versions());
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    process.stderr.write(`imapctl: ${error.message}\n`);
    process.exitCode = error.exitCode;
    return [];
  }
}
