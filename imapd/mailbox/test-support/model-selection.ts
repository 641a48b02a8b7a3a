import { EVERY_RIGHT } from '../../acl/rights.ts';
import { Admission } from '../../session/admission.ts';
import type { Output } from '../../session/output.ts';
import { type Enabled, Session } from '../../session/session.ts';
import { DEFAULT_SESSION_LIMITS } from '../../session/session-limits.ts';
import type { Store } from '../../store/store.ts';
import type { Uid } from '../../store/types.ts';
import type { DeferredWrites } from '../deferred-writes.ts';
import { MailboxCursor } from '../mailbox-cursor.ts';
import { MailboxView } from '../mailbox-view.ts';
import type { OpenViews } from '../open-views.ts';
import { RecentClaims } from '../recent/recent-claims.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';
import type { ModelMailbox } from './model-mailbox.ts';

export type ModelSelection = {
  readonly session: Session;
  readonly view: MailboxView;
  readonly selected: SelectedMailbox;
  /** Keeps what it is given. */
  readonly output: Output & { readonly lines: string[] };
};

/** A session of `ada` that has selected a mailbox of a model; `store` answers what the view does not know. */
export function selectModel(
  mailbox: ModelMailbox,
  { store = {}, enabled = [] }: { readonly store?: Partial<Store>; readonly enabled?: readonly Enabled[] } = {},
): ModelSelection {
  const session = newSession(store as Store);
  for (const extension of enabled) session.enable(extension);
  const view = new MailboxView(mailbox.load());
  const selected = new SelectedMailbox({
    views: { leave: () => undefined } as unknown as OpenViews,
    deferred: { claimRecent: () => undefined } as unknown as DeferredWrites,
    store: store as Store,
    session,
    cursor: new MailboxCursor(view),
    readOnly: false,
    above: null,
    access: { rights: EVERY_RIGHT, ask: null },
    claims: new RecentClaims(),
    recentFrom: mailbox.state.uidNext as Uid,
  });
  session.select(selected);
  const lines: string[] = [];
  const write = async (octets: Buffer | string): Promise<void> => void lines.push(`${octets}`);
  return { session, view, selected, output: { lines, write, writePart: write } };
}

function newSession(store: Store): Session {
  const admitted = new Admission(DEFAULT_SESSION_LIMITS).enter('a');
  if (admitted === null) throw new Error('no room');
  const peer = { remoteAddress: 'a', loopback: true };
  const session = new Session({ id: 's', peer, tls: false, admitted, dismiss: () => undefined });
  session.signIn({ name: 'ada', store });
  return session;
}
