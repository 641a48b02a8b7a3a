import type { ImapCluster } from '#crds/imap-cluster.ts';
import { capabilityTable } from '#imapd/commands/any-state/capability-table.ts';
import type { CheckedObject } from './check-object.ts';
import { type Mistake, mistakeAt } from './mistake.ts';
import { suggestion } from './suggestion.ts';

/**
 * A warning for each capability that shall be switched off and does not exist. No mistake: the manifest may be meant for
 * another version, and what is not offered is off.
 */
export function unknownCapabilities({ document, object }: CheckedObject<ImapCluster>): readonly Mistake[] {
  const names = capabilityTable.map(({ name }) => name);
  const known = names.map((name) => name.toUpperCase());
  return object.spec.capabilities.disabled.flatMap((name, index) =>
    known.includes(name.toUpperCase())
      ? []
      : [
          mistakeAt(
            document,
            ['spec', 'capabilities', 'disabled', index],
            `found ${JSON.stringify(name)}, which imapd does not offer${suggestion(name, names)}`,
          ),
        ],
  );
}
