export type BaseSubject = {
  readonly text: string;
  /** Something was taken away that marks a reply or a forwarded message (RFC 5256, 3, REFERENCES). */
  readonly replyOrForward: boolean;
};

/** Blobs of mailing lists before a `Re:` are part of it: (*subj-blob subj-refwd). */
const REPLY_OR_FORWARD = /(?:\[[^[\]]*\] *)*(?:re|fwd?) *(?:\[[^[\]]*\] *)?:/iy;
const BLOBS = /(?:\[[^[\]]*\] *)*/y;
const FORWARD_TRAILER = '(fwd)';
const FORWARD_HEADER = '[fwd:';

/**
 * The base subject of RFC 5256, 2.1, of a subject whose encoded words are decoded. The numbers are those of its steps. Costs
 * no more than a few looks at each character, whatever a sender has written.
 */
export function baseSubject(subject: string): BaseSubject {
  let text = subject.replace(/[ \t\r\n]+/g, ' '); // (1)
  let marked = false;
  for (;;) {
    const end = withoutTrailers(text); // (2)
    const start = withoutLeaders(text.slice(0, end.at)); // (3) to (5)
    marked ||= end.marked || start.marked;
    text = text.slice(start.at, end.at);
    if (!isForwarded(text)) return { text, replyOrForward: marked }; // (7)
    text = text.slice(FORWARD_HEADER.length, -1); // (6)
    marked = true;
  }
}

type Cut = { readonly at: number; readonly marked: boolean };

function withoutTrailers(text: string): Cut {
  let at = text.length;
  let marked = false;
  for (;;) {
    if (text[at - 1] === ' ') at -= 1;
    else if (text.substring(at - FORWARD_TRAILER.length, at).toLowerCase() === FORWARD_TRAILER) {
      at -= FORWARD_TRAILER.length;
      marked = true;
    } else return { at, marked };
  }
}

/** Of text without trailers. Blobs that no `Re:` follows go together: once one of them may, all before something else may. */
function withoutLeaders(text: string): Cut {
  let at = 0;
  let marked = false;
  for (;;) {
    while (text[at] === ' ') at += 1;
    const after = matchEnd(REPLY_OR_FORWARD, text, at);
    if (after === null) break;
    at = after;
    marked = true;
  }
  const rest = matchEnd(BLOBS, text, at) ?? at;
  // (4): the last blob stays where nothing would be left. Blobs hold no bracket, so that the last one opens the last.
  return { at: rest > at && rest === text.length ? text.lastIndexOf('[') : rest, marked };
}

function matchEnd(expression: RegExp, text: string, at: number): number | null {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : null;
}

const isForwarded = (text: string): boolean =>
  text.endsWith(']') && text.slice(0, FORWARD_HEADER.length).toLowerCase() === FORWARD_HEADER;
