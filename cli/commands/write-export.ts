import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CliError, EXIT } from '../cli-error.ts';

type Mail = AsyncIterable<Uint8Array>;

/** Writes an mbox to a file, `-` for standard output. @throws CliError for what a person can do something about: which side failed */
export async function writeExport(mail: Mail, mbox: string, signal: AbortSignal): Promise<void> {
  const coming = received(mail, signal);
  try {
    if (mbox === '-') await pipeline(coming, process.stdout, { end: false });
    else await pipeline(coming, (await open(mbox, 'w', 0o600)).createWriteStream());
  } catch (cause) {
    throw unwritten(cause, mbox);
  }
}

/** Errors of a connection and of a file look alike once they come out of one pipeline: what the cluster does is told here. */
async function* received(mail: Mail, signal: AbortSignal): Mail {
  try {
    yield* mail;
  } catch (cause) {
    if (signal.aborted) throw new CliError('interrupted: what was written is not whole', EXIT.interrupted, { cause });
    const { message } = cause as Error;
    throw new CliError(
      `the mailbox broke off (${message}): what was written is not whole; export it again`,
      EXIT.failed,
      {
        cause,
      },
    );
  }
}

/** Why the file could not be written, for a person. Anything else is given back. */
function unwritten(cause: unknown, mbox: string): unknown {
  if (cause instanceof CliError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  // `export … | head`: whoever reads has had enough, and is not to be bothered with a stack.
  if (code === 'EPIPE') return new CliError('standard output was closed: not everything was written');
  if (code === undefined) return cause;
  return new CliError(`${mbox}: cannot be written: ${message}`, EXIT.failed, { cause });
}
