/**
 * A text as the collation i;unicode-casemap (RFC 5051) orders it: two texts are equal, or one is before the other, as these
 * results are by `===` and `<`. Each character is put into titlecase and decomposed, and what comes of it compares as UTF-8.
 */
export const unicodeCasemap = (text: string): string => inOctetOrder(casemapped(text));

/** The same where it is only asked what is equal to what, or part of it (RFC 5051, 3). */
export function casemapped(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toUpperCase();
  let mapped = '';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const known = MAPPED[code];
    if (known !== undefined) mapped += known;
    else {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      mapped += mappedOf(character, code);
      at += character.length - 1;
    }
  }
  return mapped;
}

/** Of characters that have been met, by their code: whole texts are searched. No surrogate is in here. */
const MAPPED: (string | undefined)[] = new Array<undefined>(0x1_0000);

function mappedOf(character: string, code: number): string {
  const mapped = titlecase(character).normalize('NFKD');
  if (code < 0xd800 || code > 0xdfff) MAPPED[code] = mapped;
  return mapped;
}

/** Characters whose titlecase is no uppercase: digraphs, and Greek vowels with an iota below. */
const ODD_TITLECASE = oddTitlecase();

function oddTitlecase(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let code = 0x1c5; code <= 0x1ffc; code++) {
    const title = String.fromCharCode(code);
    if (!/\p{Lt}/u.test(title)) continue;
    for (const form of [title, title.toLowerCase(), title.toUpperCase()]) {
      if (form.length === 1) found.set(form, title);
    }
  }
  return found;
}

/** The simple mapping of UnicodeData.txt, of one character to one. Georgian has an uppercase, but no titlecase. */
function titlecase(character: string): string {
  const odd = ODD_TITLECASE.get(character);
  if (odd !== undefined) return odd;
  if (/[\u10d0-\u10ff]/.test(character)) return character;
  const upper = character.toUpperCase();
  return [...upper].length === 1 ? upper : character;
}

const [SURROGATES, ABOVE_THEM, COUNT_ABOVE] = [0xd800, 0xe000, 0x2000];

/**
 * JavaScript compares UTF-16, in which characters above U+FFFF begin with a surrogate and so come before U+E000. Both are
 * moved to where they are in UTF-8.
 */
function inOctetOrder(text: string): string {
  return text.replace(/[\ud800-\uffff]/g, (unit) => {
    const code = unit.charCodeAt(0);
    const moved = code >= ABOVE_THEM ? code - (ABOVE_THEM - SURROGATES) : code + COUNT_ABOVE;
    return String.fromCharCode(moved);
  });
}
