/**
 * Mailboxes by what they are, as NOTIFY (RFC 5465, 6) and the ESEARCH command (RFC 7377, 2.2) name them. `inboxes`: where mail
 * is delivered to; `subtree`: the named ones and all below them; `subtree-one`: and those one level below.
 */
export type MailboxFilter =
  | { readonly kind: 'selected' | 'inboxes' | 'personal' | 'subscribed' }
  | { readonly kind: 'subtree' | 'subtree-one' | 'mailboxes'; readonly names: readonly string[] };
