/** A message that no compression makes smaller, of printable lines. */
export function noise(octets: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(60));
  let text = 'Subject: noise\r\n\r\n';
  while (text.length < octets) {
    crypto.getRandomValues(bytes);
    text += `${Buffer.from(bytes).toString('base64')}\r\n`;
  }
  return text;
}
