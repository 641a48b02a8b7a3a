import { countedCommands } from './counted-commands.ts';
import { openScene } from './scene.ts';

/** How many messages the measured mailbox has: the counts must be the same. */
export const SIZES = [1, 1000] as const;

/** What a command sent to the database, in order, for each of the sizes. */
export type StatementsOfCommand = { readonly what: string; readonly sent: readonly (readonly string[])[] };

/** The poll of all watched mailboxes: one a second and partition, whatever clients do. */
const BACKGROUND = 'modseq-poll';

/** Every command over a real connection to a real server, with a mailbox of each size. */
export async function measureStatements(): Promise<readonly StatementsOfCommand[]> {
  // One after the other: they share the server.
  const bySize = await Array.fromAsync(SIZES, measureAll);
  return countedCommands.map(({ what }, i) => ({ what, sent: bySize.map((sent) => sent[i] ?? []) }));
}

async function measureAll(messages: number): Promise<readonly (readonly string[])[]> {
  const scene = await openScene(messages);
  const { statementNames } = scene.server.fixture;
  try {
    const all: (readonly string[])[] = [];
    for (const { prepare, run } of countedCommands) {
      await prepare?.(scene);
      statementNames.length = 0;
      await run(scene);
      all.push(statementNames.filter((name) => name !== BACKGROUND).map(shown));
    }
    return all;
  } finally {
    await scene.close();
  }
}

/** BEGIN goes out with the lock of the epoch, in one message. */
const shown = (name: string): string => name.replace(/;.*$/s, '');
