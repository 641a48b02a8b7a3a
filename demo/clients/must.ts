import type { Asked } from './mail-session.ts';

type Answer<T> = Pick<Asked<T>, 'value' | 'refusal'>;

/** The value of a request that a scene cannot go on without. @throws Error where it was refused or cut off */
export async function must<T>(what: string, asked: Answer<T> | Promise<Answer<T>>): Promise<T> {
  const { value, refusal } = await asked;
  if (value === null) throw new Error(`${what}: ${refusal ?? 'nothing came back'}`);
  return value;
}
