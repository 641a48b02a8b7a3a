/**
 * What an HTTP/1.1 connection is upgraded to (RFC 9110, section 7.8) where two programs of ours tell each other something each
 * second: lines of UTF-8 both ways, each ended by `\n`, until either side closes. Which lines, the path says. Whoever asks without
 * `Upgrade` is answered 426; whoever may not have it, as with any request.
 */
export const CHANNEL_PROTOCOL = 'imapcluster-lines/1';
