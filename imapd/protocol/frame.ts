import type { Refusal } from './refusal.ts';

/** What the framer finds in the bytes of a client. The tag is still part of `bytes`: see `parseCommand`. */
export type Frame =
  | CommandFrame
  | MessageFrame
  | ChunkFrame
  | EndFrame
  | LineFrame
  | ContinueFrame
  | RefusedFrame
  | FatalFrame;

/** A whole command without its line end, small literals in place as they came (`{3}` CRLF `abc`). */
export interface CommandFrame {
  readonly kind: 'command';
  readonly bytes: Buffer;
}

/**
 * An APPEND, or REPLACE, up to and with `{size}`: the message itself is not read. Answer with `accept()` or `refuse()`.
 * `first` is false for a further message of the same command (MULTIAPPEND); `bytes` then begin after the last literal.
 */
export interface MessageFrame {
  readonly kind: 'message';
  readonly first: boolean;
  readonly bytes: Buffer;
  readonly size: number;
  /** The client waits for a continuation before it sends. */
  readonly synchronizing: boolean;
}

/** Bytes of the message: as they came from the socket, not copied. */
export interface ChunkFrame {
  readonly kind: 'chunk';
  readonly bytes: Buffer;
}

/** The APPEND is complete. `bytes`: what followed its last literal; nothing, if the client is right. */
export interface EndFrame {
  readonly kind: 'end';
  readonly bytes: Buffer;
}

/** In line mode: one line without its line end (SASL answer, DONE). */
export interface LineFrame {
  readonly kind: 'line';
  readonly bytes: Buffer;
}

/** Send `+ ` now: the client waits to send a literal. */
export interface ContinueFrame {
  readonly kind: 'continue';
}

/**
 * Something was wrong, was skipped, and the framer stands at the beginning of the next command. Answer and go on. Of a
 * line that was no command the tag is null: the session knows whose answer it was to be.
 */
export interface RefusedFrame {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

/** There is no way to find the next command: `* BYE text` and close. The framer yields nothing any more. */
export interface FatalFrame {
  readonly kind: 'fatal';
  readonly text: string;
}
