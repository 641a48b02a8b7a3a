/** A tag as a quoted string, for search correlators and codes that name a command. */
export const quotedTag = (tag: string): string => `"${tag.replace(/["\\]/g, '\\$&')}"`;

/** The updates that a command has asked for are not given (RFC 5267, 4.3.1). */
export const noUpdate = (tag: string, why: string): string => `* NO [${`NOUPDATE ${quotedTag(tag)}`}] ${why}\r\n`;
