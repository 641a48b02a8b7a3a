import type { FetchItem } from './fetch-item.ts';

/** RFC 5465, 8: event-name. */
export const EVENT_NAMES = [
  ...(['MessageNew', 'MessageExpunge', 'FlagChange', 'AnnotationChange'] as const),
  ...(['MailboxName', 'SubscriptionChange', 'MailboxMetadataChange', 'ServerMetadataChange'] as const),
] as const;
export type NotifyEvent = (typeof EVENT_NAMES)[number];

/** Which mailboxes a group of events is about (RFC 5465, 6). */
export type NotifyFilter =
  | { readonly kind: 'selected' | 'selected-delayed' | 'inboxes' | 'personal' | 'subscribed' }
  | { readonly kind: 'subtree' | 'mailboxes'; readonly names: readonly string[] };

export type EventGroup = {
  readonly filter: NotifyFilter;
  /** Empty: NONE. */
  readonly events: readonly NotifyEvent[];
  /** Events that no RFC names that is known here. */
  readonly unknown: readonly string[];
  /** What is told of new messages of the selected mailbox; empty: only that they are there. */
  readonly fetch: readonly FetchItem[];
};

/** NOTIFY SET and NOTIFY NONE (RFC 5465, 3.1). */
export interface Notify {
  readonly name: 'NOTIFY';
  /** What is asked about the mailboxes of today, too. */
  readonly status: boolean;
  /** null: NONE. */
  readonly groups: readonly EventGroup[] | null;
}

export const ofSelected = ({ kind }: NotifyFilter): boolean => kind === 'selected' || kind === 'selected-delayed';
