import type { RightToWrite } from '../../api/api-client.ts';

/** Whether the right is there still, for those to whom its end is an answer and no error. */
export function isHeld(right: RightToWrite): boolean {
  try {
    right.mustBeHeld();
    return true;
  } catch {
    return false;
  }
}
