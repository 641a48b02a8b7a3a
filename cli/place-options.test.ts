import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addPlaceOptions, placeOf } from './place-options.ts';

const place = (startedAs: string, ...args: readonly string[]) => {
  const program = addPlaceOptions(new Command()).exitOverride();
  program.command('status').action(() => undefined);
  program.parse(args.includes('status') ? args : [...args, 'status'], { from: 'user' });
  return placeOf(program, startedAs);
};
const nothing = { kubeconfig: null, context: null, namespace: null, cluster: null, operatorNamespace: null };

test('standalone, unless something of Kubernetes is named', () => {
  expect(place('imapctl', '--state', '/x')).toEqual({ kind: 'standalone', state: '/x' });
  expect(place('imapctl', '-n', 'post', '-c', 'mail')).toEqual({
    kind: 'kubernetes',
    options: { ...nothing, namespace: 'post', cluster: 'mail' },
  });
  expect(place('imapctl', '--context', 'a').kind).toBe('kubernetes');
  expect(place('imapctl', '--kubeconfig', 'a').kind).toBe('kubernetes');
  expect(place('imapctl', '--operator-namespace', 'a').kind).toBe('kubernetes');
});

test('an option may stand behind the command, as with kubectl', () => {
  expect(place('imapctl', 'status', '--namespace', 'post')).toMatchObject({ options: { namespace: 'post' } });
});

test('who comes by way of kubectl means Kubernetes', () => {
  expect(place('kubectl-imap')).toEqual({ kind: 'kubernetes', options: nothing });
});
