import type { ReactNode } from 'react';
import type { BannerTone } from '../_ui/banner.tsx';
import { formatCount } from '../_ui/format-number.ts';
import type { GlyphName } from '../_ui/glyph.tsx';

/** What a person can do about a condition; the first is the one that a row of the home page offers. */
export type ConditionAction =
  | 'start_sending'
  | 'mail_settings'
  | 'connections'
  | 'try_again'
  | 'reconnect'
  | 'set_up'
  | 'restore'
  | 'review_uncertain'
  | 'review_backlog';

/** A lasting condition of a project, in the words of its banner and of its row on the home page. */
export interface Condition {
  readonly kind: string;
  readonly tone: BannerTone;
  readonly glyph: GlyphName;
  readonly title: ReactNode;
  readonly detail: ReactNode;
  readonly since: Date | null;
  readonly actions: readonly ConditionAction[];
  /** Whether it waits for a person; the others pass by themselves or were chosen. */
  readonly needsPerson: boolean;
}

/** "1 mail waits", "214 mails wait". */
export function mailsWait(count: number): string {
  return `${formatCount(count, 'mail')} ${count === 1 ? 'waits' : 'wait'}`;
}

/** What becomes of the mail meanwhile. */
export function waitingWords(count: number): string {
  return count === 0 ? 'New mail is accepted and waits.' : `${mailsWait(count)}; none is lost.`;
}
