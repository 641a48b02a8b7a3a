import { capabilityTable } from '#imapd/commands/any-state/capability-table.ts';
import { responseCodes } from '#imapd/commands/response-codes.ts';
import { capabilityNotes } from './capability-notes.ts';
import { type DocumentedCommand, documentedCommands } from './documented-commands.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

const SHOWN = { always: 'always', beforeLogin: 'before sign-in', afterLogin: 'after sign-in' } as const;

const CONDITIONS = {
  startTls: 'while there is a certificate and no TLS',
  channelBinding: 'under TLS to which a sign-in can be bound',
  passwordAllowed: 'under TLS or from this machine',
  tokenAllowed: 'with `spec.authentication.oauthBearer`, under TLS or from this machine',
  certificate: 'with `spec.authentication.clientCertificates`, to a client that has shown one that holds',
  messagesLimited: 'as `MESSAGELIMIT=n`, with `spec.messages.perCommand`',
  savingLimited: 'as `SAVELIMIT=n`, with `spec.messages.perSave` and no other limit',
  passwordForbidden: 'in clear text from another host',
} as const;

/** docs/reference/capabilities.md */
export function capabilitiesPage(): string {
  return `${generatedFrom([
    'imapd/commands/any-state/capability-table.ts',
    'imapd/commands/response-codes.ts',
    'imapd/commands/registry.ts',
  ])}
# IMAP capabilities and commands

## Capabilities

In the order of the CAPABILITY response. \`spec.capabilities.disabled\` of the ImapCluster takes names out of it; what is off by itself is brought into it by \`spec.capabilities.enabled\`.

${capabilities()}

## Response codes

Every NO carries a code, so that programs need not read its words; BAD has one where there is more to say than that it was not understood.

${responses()}

## Commands

Every command of RFC 3501 and of the extensions above. In another state a command is answered with \`BAD\`.

${commands()}
`;
}

const capabilities = (): string =>
  markdownTable(
    ['capability', 'RFC', 'shown', 'what', 'where', 'when disabled'],
    capabilityTable.map((entry) => {
      const { name, rfc, shown } = entry;
      const asked = 'asked' in entry ? ', only where `spec.capabilities.enabled` names it' : '';
      const condition = 'where' in entry ? `, ${CONDITIONS[entry.where]}` : '';
      const { what, where, disabled } = capabilityNotes[name];
      return [code(name), link(rfc), SHOWN[shown] + condition + asked, what, code(where), disabled];
    }),
  );

const responses = (): string =>
  markdownTable(
    ['code', 'RFC', 'when'],
    Object.entries(responseCodes).map(([name, { rfc, when }]) => [code(name), link(rfc), when]),
  );

const commands = (): string =>
  markdownTable(['command', 'states', 'capability'], documentedCommands().toSorted(byName).map(commandRow));

const byName = (a: DocumentedCommand, b: DocumentedCommand): number => (a.name < b.name ? -1 : 1);

const commandRow = ({ name, states, capability }: DocumentedCommand): readonly string[] => [
  code(name),
  states.length === 3 ? 'any' : states.map(stateName).join(', '),
  capability === undefined ? '' : code(capability),
];

const stateName = (state: string): string => state.replace(/(?<=[a-z])[A-Z]/g, ' $&').toLowerCase();

const link = (rfc: number): string => `[${rfc}](https://www.rfc-editor.org/rfc/rfc${rfc})`;
