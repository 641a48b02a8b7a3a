import type { Place, Worker, Working } from '../mail-client.ts';
import { mustHaveEndedWell } from '../mail-client.ts';
import { exactDigest } from '../stores/digests.ts';
import { comparableFlags } from '../stores/mail-store.ts';
import { type RunningProgram, startProgram } from './run-program.ts';

/** A line of what a script says that it knows. */
const LINE = /^KNOWN\t([^\t]+)\t([0-9a-f]{24})[0-9a-f]*\t?(.*)$/;

/**
 * Does its round by a script, called with HOST PORT SECURE-PORT USER PASSWORD CERTIFICATE-FILE OUTBOX. It prints `AWAY` when its connection is closed, reads a line, connects again, brings
 * what it knows up to date and prints a line a message: `KNOWN`, mailbox, SHA-256 of its octets and flags, with tabs
 * between.
 */
export const scriptWorker = (command: readonly [string, ...string[]]): Worker => ({
  kind: 'worker',
  digest: exactDigest,
  flags: null,
  marksSeen: false,
  async open({ folder, account }: Place, outbox: string): Promise<Working> {
    const { host, port, securePort, user, password, certificateFile } = account;
    const words = [host, String(port), String(securePort), user, password, certificateFile, outbox];
    let script: RunningProgram;
    return {
      async begin() {
        script = startProgram([...command, ...words] as [string, ...string[]], { folder });
        await script.says('AWAY\n');
      },
      async goOn() {
        script.child.stdin?.end('\n');
        mustHaveEndedWell(command.join(' '), await script.ended);
        return script.printed().split('\n').flatMap(known);
      },
    };
  },
});

function known(line: string): readonly string[] {
  const [, mailbox, digest, flags = ''] = LINE.exec(line) ?? [];
  if (mailbox === undefined) return [];
  return [`${mailbox} ${digest} ${comparableFlags(flags.split(' ')).join(' ')}`.trim()];
}
