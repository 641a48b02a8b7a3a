/**
 * Mailboxes by what they are, as NOTIFY (RFC 5465, 6) and the ESEARCH command (RFC 7377, 2.2) name them. `inboxes`: where mail
 * is delivered to, which may be any of the user's own, so that they are the same as `personal` (RFC 5465, 6.3); `subtree`: the
 * named ones and all below them; `subtree-one`: and those one level below.
 */
export type MailboxFilter =
  | { readonly kind: 'selected' | 'inboxes' | 'personal' | 'subscribed' }
  | { readonly kind: 'subtree' | 'subtree-one' | 'mailboxes'; readonly names: readonly string[] };
