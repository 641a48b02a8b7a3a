import type { ImapCluster } from '#crds/imap-cluster.ts';
import { capabilityTable, isAskedFor } from '#imapd/commands/any-state/capability-table.ts';
import type { CheckedObject } from './check-object.ts';
import { type Mistake, mistakeAt } from './mistake.ts';
import { suggestion } from './suggestion.ts';

/**
 * A warning for each capability that shall be switched off or on and does not exist, or is on by itself. No mistake: the
 * manifest may be meant for another version, and what is not offered is off.
 */
export function unknownCapabilities({ document, object }: CheckedObject<ImapCluster>): readonly Mistake[] {
  return (['disabled', 'enabled'] as const).flatMap((field) =>
    object.spec.capabilities[field].flatMap((name, index) => {
      const wrong = isKnown(name) ? needless(name, field) : `which imapd does not offer${suggestion(name, NAMES)}`;
      const at = ['spec', 'capabilities', field, index];
      return wrong === null ? [] : [mistakeAt(document, at, `found ${JSON.stringify(name)}, ${wrong}`)];
    }),
  );
}

const NAMES = capabilityTable.map(({ name }) => name);

const isKnown = (name: string): boolean => NAMES.some((known) => known.toUpperCase() === name.toUpperCase());

const needless = (name: string, field: 'disabled' | 'enabled'): string | null =>
  field === 'enabled' && !isAskedFor(name) ? 'which needs no enabling' : null;
