/** No `<` within quotes: a sender could have every one of a million looked through to the end of the field. */
const MESSAGE_ID = /<((?:[^<>"\s]|"(?:[^"\\<]|\\[^<])*")+)>/gs;
const QUOTED = /"((?:[^"\\]|\\.)*)"/gs;

/** The valid Message IDs in a field (latin1), without brackets and quoting: `<"a"@b>` and `<a@b>` are one (RFC 5256, 3). */
export function messageIds(field: string): readonly string[] {
  return Array.from(field.matchAll(MESSAGE_ID), ([, id = '']) =>
    id.replace(QUOTED, (_, quoted: string) => quoted.replace(/\\(.)/gs, '$1')),
  ).filter((id) => /[^@]@[^@]/.test(id));
}
