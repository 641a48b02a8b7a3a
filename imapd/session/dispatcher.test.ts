import { expect, test } from 'vitest';
import { Capabilities } from '../commands/any-state/capability-table.ts';
import type { CommandContext, CommandHandler } from '../commands/command-handler.ts';
import { ok } from '../commands/completion.ts';
import type { Command } from '../protocol/command.ts';
import { RepositoryFull, RepositoryUnavailable } from '../routing/repository-access.ts';
import { ContentCorrupt } from '../store/content-store.ts';
import type { Store } from '../store/store.ts';
import type { MailboxId } from '../store/types.ts';
import { Admission } from './admission.ts';
import { Dispatcher } from './dispatcher.ts';
import { ConnectionClosed } from './output.ts';
import type { Selection } from './selection.ts';
import { Session, type SessionState } from './session.ts';
import { RecordedLog } from './test-support/recorded-log.ts';

const CHECK: Command = { name: 'CHECK' };

function sessionIn(state: SessionState, reported: string[]): Session {
  const admission = new Admission({
    maxPerPod: 1,
    maxPerUser: 1,
    maxStrangers: 1,
    maxStrangersPerAddress: 1,
    maxCompressed: 1,
  });
  const admitted = admission.enter('a');
  if (admitted === null) throw new Error('no room');
  const session = new Session({
    id: 's',
    peer: { remoteAddress: 'a', loopback: true },
    tls: false,
    admitted,
    dismiss: () => undefined,
  });
  if (state !== 'notAuthenticated') session.signIn({ name: 'ada', store: {} as Store });
  if (state === 'selected') session.select(selection(reported));
  return session;
}

const selection = (reported: string[]): Selection => ({
  mailbox: 'm' as MailboxId,
  name: 'INBOX',
  readOnly: false,
  readable: true,
  checkRights: async () => undefined,
  refresh: () => Promise.resolve(),
  report: async (updates) => void reported.push(updates),
  release: () => reported.push('released'),
});

type Try = {
  readonly state?: SessionState;
  readonly handler?: Partial<CommandHandler<'CHECK'>>;
  readonly disabled?: readonly string[];
  readonly gone?: boolean;
};

async function dispatched(options: Try) {
  const reported: string[] = [];
  const log = new RecordedLog();
  const capabilities = new Capabilities({
    disabled: options.disabled ?? [],
    tlsAvailable: false,
    clearTextFromAnywhere: false,
    appendLimit: 1,
  });
  const handler: CommandHandler<'CHECK'> = {
    name: 'CHECK',
    states: ['selected'],
    run: async () => ok('done'),
    ...options.handler,
  };
  const signal = options.gone === true ? AbortSignal.abort() : new AbortController().signal;
  const session = sessionIn(options.state ?? 'selected', reported);
  const context = { tag: 'a1', session, attempt: { signal }, log } as unknown as CommandContext;
  const dispatcher = new Dispatcher({ commands: new Map([['CHECK', handler]]), capabilities });
  return { completion: await dispatcher.dispatch(CHECK, context), reported, codes: log.codes() };
}

test.each(['notAuthenticated', 'authenticated'] as const)(
  'a command is not run in the state %s it is not for',
  async (state) => {
    const run = (): never => {
      throw new Error('it ran');
    };
    const { completion, codes } = await dispatched({ state, handler: { run } });
    expect(completion.status).toBe('BAD');
    expect(codes).toEqual([]);
  },
);

test('updates are told after the command, all of them unless it says otherwise', async () => {
  expect((await dispatched({})).reported).toEqual(['all']);
  expect((await dispatched({ handler: { updates: () => 'noExpunge' } })).reported).toEqual(['noExpunge']);
  expect((await dispatched({ handler: { updates: () => 'none' } })).reported).toEqual([]);
});

test('updates are told after a refusal too', async () => {
  const run = () => Promise.reject(new RepositoryUnavailable('away'));
  expect((await dispatched({ handler: { run } })).reported).toEqual(['all']);
});

test('nothing is told of a mailbox that the command has left', async () => {
  const run: CommandHandler<'CHECK'>['run'] = async (_, { session }) => {
    session.deselect();
    return ok('closed');
  };
  expect((await dispatched({ handler: { run } })).reported).toEqual(['released']);
});

test('failures are told apart', async () => {
  const failing = (error: Error, gone = false) => dispatched({ handler: { run: () => Promise.reject(error) }, gone });
  const away = await failing(new RepositoryUnavailable('away'));
  expect([away.completion.status, away.completion.code, away.codes]).toEqual(['NO', 'UNAVAILABLE', []]);
  const full = await failing(new RepositoryFull('full', { nothingStored: true }));
  expect(full.completion).toMatchObject({
    status: 'NO',
    code: 'UNAVAILABLE',
    text: expect.stringMatching(/no disk space left; nothing was changed/),
  });
  const inDoubt = await failing(new RepositoryFull('full', { nothingStored: false }));
  expect(inDoubt.completion.text).toMatch(/no disk space left, please/);
  expect(full.codes).toEqual([]);
  const fault = await failing(new TypeError('oh'));
  expect([fault.completion.status, fault.completion.code, fault.codes]).toEqual(['NO', 'SERVERBUG', ['CommandFailed']]);
  const damaged = await failing(new ContentCorrupt('a chunk'));
  expect([damaged.completion.code, damaged.codes]).toEqual(['CORRUPTION', ['CommandFailed']]);
  await expect(failing(new ConnectionClosed('gone'))).rejects.toBeInstanceOf(ConnectionClosed);
  // Whatever fails once the client is gone, failed for that.
  await expect(failing(new TypeError('socket'), true)).rejects.toBeInstanceOf(ConnectionClosed);
});

test('a command of a switched-off extension does not exist', async () => {
  const handler = { capability: 'IDLE' as const };
  expect((await dispatched({ handler })).completion.status).toBe('OK');
  expect((await dispatched({ handler, disabled: ['IDLE'] })).completion).toMatchObject({
    status: 'BAD',
    text: 'Unknown command',
  });
});
