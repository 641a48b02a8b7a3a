import { DEFAULT_LIMITS } from '../limits.ts';
import { parseCommand } from '../parse-command.ts';

export const parse = (text: string, limits = DEFAULT_LIMITS) => parseCommand(Buffer.from(text, 'latin1'), limits);

/** The command in `text`, sets as text. */
export function command(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.refusal.text);
  return JSON.parse(JSON.stringify(parsed.command, (_, value) => (value?.bounds === undefined ? value : `${value}`)));
}

export function refusal(text: string, limits = DEFAULT_LIMITS) {
  const parsed = parse(text, limits);
  if (parsed.ok) throw new Error(`understood as ${JSON.stringify(parsed.command)}`);
  return parsed.refusal;
}
