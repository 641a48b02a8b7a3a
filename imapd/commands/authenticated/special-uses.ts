/**
 * Special uses that a client may give to a new mailbox (RFC 6154, 2). Not `\\All` and `\\Flagged`: those are views of other
 * mailboxes, and a mailbox here holds its own messages.
 */
const CREATABLE = ['\\Archive', '\\Drafts', '\\Junk', '\\Sent', '\\Trash'] as const;

/** Special uses of a new mailbox in their usual spelling, each once; or the first one that cannot be had. */
export type SpecialUses =
  | { readonly kind: 'supported'; readonly uses: readonly string[] }
  | { readonly kind: 'unsupported'; readonly use: string };

/** What `CREATE … (USE (…))` asks for; attributes know no case (RFC 3501, 9). */
export function supportedUses(wanted: readonly string[]): SpecialUses {
  const uses = new Set<string>();
  for (const use of wanted) {
    const known = CREATABLE.find((creatable) => creatable.toLowerCase() === use.toLowerCase());
    if (known === undefined) return { kind: 'unsupported', use };
    uses.add(known);
  }
  return { kind: 'supported', uses: [...uses] };
}
