export type TimelineSwitch = { readonly timeline: number; readonly end: string };

/** A timeline's history file: one line per ancestor, "id TAB position where it was left TAB reason". */
export function parseTimelineHistory(content: string): TimelineSwitch[] {
  return content.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)/.exec(line);
    return match === null ? [] : [{ timeline: Number(match[1]), end: match[2] ?? '' }];
  });
}
