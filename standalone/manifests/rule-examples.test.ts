import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { manifestOf } from '#crds/test-support/manifest.ts';
import { type Patch, type RuleExamples, ruleExamples } from '#crds/test-support/rule-examples.ts';
import { forbiddenChanges } from '../state/kept-manifests.ts';
import { checkObject } from './check-object.ts';
import { parseManifestFile } from './manifest-document.ts';

/** Standalone must judge as the API server does (crds/rules.api-server.test.ts), but for what it cannot do yet. */
const NOT_BUILT = 'is not supported in this version';

function checked(kind: RuleExamples['kind'], patch: Patch) {
  const [document] = parseManifestFile('x.yaml', stringify(manifestOf(kind, patch))).documents;
  return checkObject(document!);
}

function judge({ kind }: RuleExamples, patch: Patch): readonly string[] {
  const result = checked(kind, patch);
  if (result.ok) return [];
  return result.mistakes.map(({ message }) => message).filter((message) => !message.includes(NOT_BUILT));
}

test.each(ruleExamples.filter(({ before }) => before === undefined))('$kind: $says', (examples) => {
  for (const patch of examples.accepted) expect([patch, judge(examples, patch)]).toEqual([patch, []]);
  for (const patch of examples.refused) {
    expect([patch, judge(examples, patch)]).toEqual([patch, [expect.stringContaining(examples.says)]]);
  }
});

function objectOf<T>(kind: RuleExamples['kind'], patch: Patch): T | null {
  const result = checked(kind, patch);
  return result.ok ? (result.object as T) : null;
}

// A change of a field that standalone refuses altogether has no state before it.
const changes = ruleExamples.filter(({ kind, before }) => before !== undefined && objectOf(kind, before) !== null);

test.each(changes)('a change: $says', ({ kind, says, before, accepted, refused }) => {
  const cluster = objectOf<ImapCluster>('ImapCluster', {})!;
  const kept = { cluster, partitions: [objectOf<MailboxPartition>(kind, before ?? {})!] };
  const refusals = (patch: Patch): readonly string[] => {
    const after = objectOf<MailboxPartition>(kind, patch);
    // What cannot be at all is refused before anybody looks at the state folder.
    if (after === null) return [says];
    const found = forbiddenChanges(kept, { cluster, partitions: [after] });
    return found.filter((message) => !message.includes(NOT_BUILT));
  };
  for (const patch of accepted) expect([patch, refusals(patch)]).toEqual([patch, []]);
  for (const patch of refused) expect([patch, refusals(patch)]).toEqual([patch, [expect.stringContaining(says)]]);
});
