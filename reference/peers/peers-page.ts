import { capabilityTable } from '#imapd/commands/any-state/capability-table.ts';
import { code, generatedFrom, markdownTable } from '../markdown.ts';
import { capabilityTests, TEST_OF_ALL } from './capability-tests.ts';
import { cyrus } from './cyrus.ts';
import { dovecot } from './dovecot.ts';
import { james } from './james.ts';
import { lookedFor } from './looked-for.ts';
import type { Peer } from './peer.ts';
import { stalwart } from './stalwart.ts';

export const peers: readonly Peer[] = [dovecot, cyrus, stalwart, james];

/** docs/reference/peers.md */
export const peersPage = (): string => `${generatedFrom([
  'imapd/commands/any-state/capability-table.ts',
  'reference/peers/',
])}
# Capabilities beside those of other servers

What imapcluster announces, and what others say of themselves. *not found*: neither in the documentation nor in the source that was read, which do not claim to list all there is.
*no*: it is not in a list that does. *?*: nobody has looked (\`reference/peers/looked-for.ts\`). Nothing here says how well a thing is done; of ours a test does.

${table()}

## What others have that imapcluster has not

${beyond()}

## What was read

${peers.map(sources).join('\n\n')}
`;

const heads = peers.map(({ name, version }) => `${name} ${version}`);

const table = (): string =>
  markdownTable(
    ['capability', 'imapcluster, its test', ...heads],
    capabilityTable.map(({ name }) => [
      code(name),
      `yes: ${code(testOf(name))}`,
      ...peers.map((peer) => wordOf(peer, name)),
    ]),
  );

export const testOf = (capability: string): string => capabilityTests[capability] ?? TEST_OF_ALL;

function beyond(): string {
  const ours = new Set(capabilityTable.map(({ name }) => base(name)));
  const names = [...lookedFor].filter((name) => !ours.has(base(name)) && peers.some((peer) => hasIt(peer, name)));
  if (names.length === 0) return 'Nothing of what was looked for.';
  return markdownTable(
    ['capability', ...heads],
    names.map((name) => [code(name), ...peers.map((peer) => wordOf(peer, name))]),
  );
}

const hasIt = (peer: Peer, name: string): boolean => peer.has.includes(name) || name in peer.but;

/** What a peer says of a capability; ours may be announced with a value, as in `RIGHTS=texk`. */
export function wordOf(peer: Peer, capability: string): string {
  const name = lookedFor.has(capability) ? capability : base(capability);
  if (!lookedFor.has(name)) return '?';
  return peer.but[name] ?? (peer.has.includes(name) ? 'yes' : peer.otherwise);
}

/** `THREAD=REFERENCES` stays what it is: only a name that was looked for without its value loses it. */
function base(capability: string): string {
  const [name = ''] = capability.split('=');
  return lookedFor.has(name) && !lookedFor.has(capability) ? name : capability;
}

const sources = ({ name, version, sources: read }: Peer): string =>
  `**${name} ${version}**\n\n${read.map((source) => `- ${source}`).join('\n')}`;
