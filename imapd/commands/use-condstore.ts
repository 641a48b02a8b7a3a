import { SelectedMailbox } from '../mailbox/selected-mailbox.ts';
import type { CommandContext } from './command-handler.ts';

/**
 * For every "CONDSTORE enabling command" of RFC 7162, 3.1: the first one in a session with a mailbox selected brings its
 * HIGHESTMODSEQ. Changes below that value are told first: a client that remembers it and leaves has missed none.
 */
export async function useCondstore({ session, output }: Pick<CommandContext, 'session' | 'output'>): Promise<void> {
  if (session.enabled.has('CONDSTORE')) return;
  session.enable('CONDSTORE');
  if (session.selected === null) return;
  const selected = SelectedMailbox.of(session);
  await selected.report('noExpunge', output);
  await output.write(`* OK [HIGHESTMODSEQ ${selected.cursor.toldTo}] Highest mod-sequence\r\n`);
}
