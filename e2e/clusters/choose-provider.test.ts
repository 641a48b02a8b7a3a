import { expect, test } from 'vitest';
import { type Chosen, chooseProvider, type ProviderChoice, type Surroundings } from './choose-provider.ts';

const bare: Surroundings = { linux: true, root: false, engine: null, kubeconfig: null };

const answer = (chosen: Chosen): string => (chosen.ok ? chosen.provider : 'none');

type Case = readonly [why: string, choice: ProviderChoice, around: Partial<Surroundings>, provider: string];

const cases: readonly Case[] = [
  ['root on Linux', 'auto', { root: true }, 'local'],
  ['root on Linux beside an engine', 'auto', { root: true, engine: 'docker' }, 'local'],
  ['an engine', 'auto', { engine: 'podman' }, 'kind'],
  ['an engine elsewhere', 'auto', { linux: false, engine: 'docker' }, 'kind'],
  ['nothing', 'auto', {}, 'none'],
  ['a kubeconfig that nobody asked for', 'auto', { kubeconfig: '/home/ada/.kube/config' }, 'none'],
  ['a kubeconfig asked for', 'kubeconfig', { kubeconfig: '/k' }, 'kubeconfig'],
  ['a kubeconfig asked for and not named', 'kubeconfig', {}, 'none'],
  ['kind without an engine', 'kind', { root: true }, 'none'],
  ['local asked for: its own prerequisites speak', 'local', {}, 'local'],
];

test.each(cases)('%s', (...[, choice, around, provider]) => {
  expect(answer(chooseProvider(choice, { ...bare, ...around }))).toBe(provider);
});

test('the reason is said either way', () => {
  expect(chooseProvider('auto', { ...bare, root: true })).toMatchObject({ reason: expect.stringContaining('root') });
  expect(chooseProvider('auto', bare)).toMatchObject({ why: expect.stringContaining('--provider kubeconfig') });
});
