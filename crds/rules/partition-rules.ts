import { SLOT_COUNT } from '#contract/routing-document.ts';
import { parseDuration } from '../duration.ts';
import type { MailboxPartition, MailboxPartitionSpec } from '../mailbox-partition.ts';
import { MAJOR_VERSIONS } from '../major-versions.ts';
import { isPinnedImage, PINNED_IMAGE_IN_CEL } from '../pinned-image.ts';
import { parseQuantity } from '../quantity.ts';
import type { Repository } from '../repository.ts';
import { parseSlotRange } from '../slot-range.ts';
import { quantityBetween } from './quantity-between.ts';
import { reservedParameters } from './reserved-parameters.ts';
import { immutable, type Rule, rule, transitionRule } from './rule.ts';

/** Rules of a MailboxPartition beyond its schema. */
const LAST_SLOT = SLOT_COUNT - 1;

const MEMBERS_IN_CEL =
  '(has(self.repository.managed) ? self.repository.managed.instances : ' +
  '(has(self.repository.members) ? size(self.repository.members) : 0))';
const memberCount = ({ repository }: MailboxPartitionSpec): number =>
  repository.managed?.instances ?? repository.members?.length ?? 0;

/** Of PostgreSQL, MariaDB and MySQL: mail in them would be mixed up with what a server needs itself, or be copied into new databases. */
const OWN_DATABASES: readonly string[] = [
  'postgres',
  'template0',
  'template1',
  'mysql',
  'information_schema',
  'performance_schema',
  'sys',
];

const BEGINS = '-----BEGIN CERTIFICATE-----';
const ENDS = '-----END CERTIFICATE-----';

type Managed = NonNullable<Repository['managed']>;

const ENGINES = Object.keys(reservedParameters) as readonly Repository['engine'][];

/** What each engine's parameters are called only the repository knows, for it knows the engine. */
function reservedOf(engine: Repository['engine']): Rule {
  const { cel, list, includes } = reservedParameters[engine];
  return rule<Repository>({
    at: ['spec', 'repository'],
    cel: `self.engine != '${engine}' || !has(self.managed) || self.managed.parameters.all(name, !(${cel}))`,
    message: `managed.parameters: of those of ${engine} these belong to the operator: ${list}`,
    holds: ({ engine: own, managed }) => own !== engine || !Object.keys(managed?.parameters ?? {}).some(includes),
  });
}

/** Which versions there are depends on the engine, which only the repository knows. */
function majorVersionsOf(engine: Repository['engine']): Rule {
  const [from, to] = MAJOR_VERSIONS[engine];
  return rule<Repository>({
    at: ['spec', 'repository'],
    cel:
      `self.engine != '${engine}' || !has(self.managed) || !has(self.managed.majorVersion) || ` +
      `(self.managed.majorVersion >= ${from} && self.managed.majorVersion <= ${to})`,
    message: `managed.majorVersion of ${engine} lies between ${from} and ${to}`,
    holds: ({ engine: own, managed: { majorVersion = from } = {} }) =>
      own !== engine || (majorVersion >= from && majorVersion <= to),
  });
}

const shape: readonly Rule[] = [
  rule<MailboxPartition>({
    at: [],
    cel: "size(self.metadata.name) <= 50 && !self.metadata.name.contains('.')",
    message: 'the name is a DNS label of at most 50 characters: names of members are made from it',
    holds: ({ metadata }) => metadata.name.length <= 50 && !metadata.name.includes('.'),
  }),
  rule<string>({
    at: ['spec', 'holds', 'slots', '*'],
    cel:
      `int(self.split('-')[0]) <= ${LAST_SLOT} && ` +
      `(!self.contains('-') || (int(self.split('-')[1]) <= ${LAST_SLOT} && ` +
      `int(self.split('-')[0]) <= int(self.split('-')[1])))`,
    message: `slots lie between 0 and ${LAST_SLOT}, and a range runs from low to high`,
    holds: (self) => {
      const { from, to } = parseSlotRange(self);
      return from <= to && to <= LAST_SLOT;
    },
  }),
  rule<string>({
    at: ['spec', 'holds', 'namespaces', '*'],
    cel: "self.lowerAscii() != 'inbox' && self != 'Other Users'",
    message: 'a shared namespace is called neither INBOX nor Other Users: below these are mailboxes of users',
    holds: (self) => self.toLowerCase() !== 'inbox' && self !== 'Other Users',
  }),
  rule<Repository>({
    at: ['spec', 'repository'],
    cel: 'has(self.managed) != has(self.members)',
    message: 'exactly one of managed and members must be given',
    holds: (self) => (self.managed === undefined) !== (self.members === undefined),
  }),
  rule<Repository>({
    at: ['spec', 'repository'],
    cel: 'has(self.members) == has(self.credentialsSecretRef)',
    message: 'credentialsSecretRef goes with members, and members with credentialsSecretRef',
    holds: (self) => (self.members === undefined) === (self.credentialsSecretRef === undefined),
  }),
  rule<Repository>({
    at: ['spec', 'repository'],
    cel: 'has(self.members) || !has(self.tls)',
    message: 'tls goes with members: servers that the operator makes speak none',
    holds: (self) => self.members !== undefined || self.tls === undefined,
  }),
  rule<string>({
    at: ['spec', 'repository', 'tls', 'ca'],
    cel: `self.contains('${BEGINS}') && self.contains('${ENDS}') && !self.contains('PRIVATE KEY')`,
    message: 'ca is PEM of certificates, without a private key',
    holds: (self) => self.includes(BEGINS) && self.includes(ENDS) && !self.includes('PRIVATE KEY'),
  }),
  rule<Managed>({
    at: ['spec', 'repository', 'managed'],
    cel: 'has(self.image) == has(self.majorVersion)',
    message: 'image goes with majorVersion, and majorVersion with image: a tag or digest does not tell the version',
    holds: (self) => (self.image === undefined) === (self.majorVersion === undefined),
  }),
  rule<Managed>({
    at: ['spec', 'repository', 'managed'],
    cel: `!has(self.image) || ${PINNED_IMAGE_IN_CEL}`,
    message: 'image has a tag other than latest, or a digest: otherwise a pull could bring another major version',
    holds: (self) => self.image === undefined || isPinnedImage(self.image),
  }),
  rule<string>({
    at: ['spec', 'repository', 'database'],
    cel: `!(self in [${OWN_DATABASES.map((name) => `'${name}'`).join(', ')}])`,
    message: `database is none of the server's own: ${OWN_DATABASES.join(', ')}`,
    holds: (self) => !OWN_DATABASES.includes(self),
  }),
  quantityBetween(['spec', 'repository', 'managed', 'retainedLog'], '64Mi', '1Ti'),
  rule<Readonly<Record<string, string>>>({
    at: ['spec', 'repository', 'managed', 'parameters'],
    cel: "self.all(name, name.matches('^[a-z][a-z0-9_.]*$') && size(name) <= 63)",
    message: 'a name of a parameter consists of lower-case letters, digits, _ and . (at most 63)',
    holds: (self) => Object.keys(self).every((name) => /^[a-z][a-z0-9_.]*$/.test(name) && name.length <= 63),
  }),
  ...ENGINES.flatMap((engine) => [majorVersionsOf(engine), reservedOf(engine)]),
];

const promises: readonly Rule[] = [
  rule<MailboxPartitionSpec>({
    at: ['spec'],
    cel: `self.durability.mode != 'Quorum' || ${MEMBERS_IN_CEL} >= 2`,
    message: 'durability.mode Quorum needs at least 2 members: give more instances or choose Async',
    holds: (self) => self.durability.mode !== 'Quorum' || memberCount(self) >= 2,
  }),
  rule<MailboxPartitionSpec>({
    at: ['spec'],
    cel: `self.durability.mode != 'Quorum' || self.durability.whenDegraded != 'Hold' || ${MEMBERS_IN_CEL} >= 3`,
    message:
      'durability Quorum with whenDegraded Hold needs at least 3 members: with 2, the loss of either stops writing',
    holds: (self) =>
      self.durability.mode !== 'Quorum' || self.durability.whenDegraded !== 'Hold' || memberCount(self) >= 3,
  }),
  rule<string>({
    at: ['spec', 'failover', 'probeInterval'],
    cel: "duration(self) >= duration('50ms') && duration(self) <= duration('1m')",
    message: 'probeInterval lies between 50ms and 1m',
    holds: (self) => parseDuration(self) >= 50 && parseDuration(self) <= 60_000,
  }),
  rule<string>({
    at: ['spec', 'failover', 'delay'],
    cel: "duration(self) <= duration('1h')",
    message: 'delay is at most 1h',
    holds: (self) => parseDuration(self) <= 3_600_000,
  }),
];

const changes: readonly Rule[] = [
  immutable('spec', 'clusterRef'),
  immutable('spec', 'repository', 'engine'),
  immutable('spec', 'repository', 'database'),
  transitionRule<Repository>({
    at: ['spec', 'repository'],
    cel: 'has(self.managed) == has(oldSelf.managed)',
    message: 'a repository cannot change between managed and members: make a new partition and move the mailboxes',
    holds: (self, oldSelf) => (self.managed === undefined) === (oldSelf.managed === undefined),
  }),
  transitionRule<Managed>({
    at: ['spec', 'repository', 'managed'],
    cel: '!has(self.majorVersion) || !has(oldSelf.majorVersion) || self.majorVersion == oldSelf.majorVersion',
    message: 'majorVersion cannot be changed: make a new partition and move the mailboxes',
    holds: (self, oldSelf) =>
      self.majorVersion === undefined ||
      oldSelf.majorVersion === undefined ||
      self.majorVersion === oldSelf.majorVersion,
  }),
  transitionRule<string>({
    at: ['spec', 'repository', 'managed', 'storage', 'size'],
    cel: 'quantity(self).compareTo(quantity(oldSelf)) >= 0',
    message: 'storage cannot shrink',
    holds: (self, oldSelf) => parseQuantity(self) >= parseQuantity(oldSelf),
  }),
];

/** All rules of a MailboxPartition, those about changes last: they need the object as it was. */
export const partitionRules: readonly Rule[] = [...shape, ...promises, ...changes];
