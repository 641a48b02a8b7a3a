import { Command } from 'commander';
import { writeBundle } from '../bundle/write-bundle.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { ClusterConnection, Evidence } from '../connection/cluster-connection.ts';
import { type Context, withConnection } from '../context.ts';
import { statusText } from '../status/status-text.ts';
import { version } from '../version.ts';

type Options = { readonly file?: string };

/** `imapctl support-bundle`: all that whoever helps will ask for, in one file. */
export function supportBundleCommand(context: Context): Command {
  return new Command('support-bundle')
    .description('collect resources, events, logs, status and versions in one file, without passwords, tokens and mail')
    .option('--file <file>', 'file to write (default: imapcluster-support-TIME.tar.gz)')
    .action(async ({ file }: Options) => {
      const now = new Date();
      const folder = `imapcluster-support-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
      const target = file ?? `${folder}.tar.gz`;
      const files = await withConnection(context, (connection) =>
        writeBundle(everything(connection), { file: target, folder, now }).catch((cause: NodeJS.ErrnoException) => {
          if (cause.syscall === undefined) throw cause;
          throw new CliError(`${target}: cannot be written: ${cause.message}`, EXIT.failed, { cause });
        }),
      );
      process.stdout.write(`wrote ${target} (${files} files): look through it before you send it to anyone\n`);
    });
}

async function* everything(connection: ClusterConnection): AsyncGenerator<Evidence> {
  yield await tried('versions.yaml', async () => [{ what: 'imapctl', version }, ...(await connection.versions())]);
  yield await tried('routing.yaml', () => connection.routing());
  const status = connection.status();
  yield await tried('status.yaml', () => status);
  yield await tried('status.txt', async () => statusText({ status: await status, routing: null }, Date.now()));
  yield* connection.evidence();
}

/** What cannot be had is told in its place: the rest is wanted all the more. */
async function tried(path: string, read: () => Promise<unknown>): Promise<Evidence> {
  try {
    const object = await read();
    return typeof object === 'string' ? { path, text: object } : { path, object };
  } catch (error) {
    if (error instanceof CliError) return { path: `${path}.problem`, text: `${error.message}\n` };
    throw error;
  }
}
