/** What stands in a parenthesised list of a response. */
export type Item = string | null | number | Item[];

/** Reads ENVELOPE or BODYSTRUCTURE as a client does. @throws Error where it is not well-formed */
export function readParenthesized(text: Buffer): Item[] {
  const source = text.toString('latin1');
  let at = 0;

  const fail = (): never => {
    throw new Error(`not well-formed at ${at}: ${JSON.stringify(source)}`);
  };

  const item = (): Item => {
    if (source[at] === '(') return list();
    if (source[at] === '"') return quoted();
    if (source[at] === '{') return literal();
    const [atom] = /^(NIL|\d+)/.exec(source.slice(at)) ?? fail();
    at += atom.length;
    return atom === 'NIL' ? null : Number(atom);
  };

  const list = (): Item[] => {
    const items: Item[] = [];
    at++;
    while (source[at] !== ')') {
      // Between lists no space is needed: addresses and parts stand side by side.
      if (items.length > 0 && source[at] === ' ') at++;
      items.push(item());
    }
    at++;
    return items;
  };

  const quoted = (): string => {
    const [whole, content] = /^"((?:[^"\\\r\n\x80-\xff]|\\["\\])*)"/.exec(source.slice(at)) ?? fail();
    at += whole.length;
    return (content ?? '').replace(/\\(.)/g, '$1');
  };

  const literal = (): string => {
    const [header, size] = /^\{(\d+)\}\r\n/.exec(source.slice(at)) ?? fail();
    at += header.length + Number(size);
    return source.slice(at - Number(size), at);
  };

  const items = item();
  return Array.isArray(items) && at === source.length ? items : fail();
}
