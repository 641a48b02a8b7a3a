/** Another IMAP server, and what its own documentation or source says of its capabilities. */
export type Peer = {
  readonly name: string;
  readonly version: string;
  /** What was read: page or file, and what it is. */
  readonly sources: readonly string[];
  /** Capabilities that it has as it comes. */
  readonly has: readonly string[];
  /** Those of which there is more to say: `with the plugin imap_acl`. */
  readonly but: Readonly<Record<string, string>>;
  /** What holds of a capability that was looked for and is in neither: the sources list all there are, or may not. */
  readonly otherwise: 'no' | 'not found';
};

/** For the long lists of the files of peers: names with spaces between them. */
export const names = (text: string): readonly string[] => text.trim().split(/\s+/);
