import type { PriorityLabel } from '../messages/labels.ts';
import type { HoldReason } from '../policy/hold-reasons.ts';
import type { MessageFiltersInput } from '../messages/message-selection.ts';
import type { HeldFiltersInput, HeldState, RunKind } from './schemas.ts';

export interface ProjectName {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

/** A held mail as lists show it. Instants are ISO strings. */
export interface HeldItem {
  readonly id: string;
  readonly project: ProjectName;
  readonly state: HeldState;
  readonly reason: HoldReason;
  /** When it was held; of a suspended mail, when it was suspended. */
  readonly heldAt: string;
  readonly acceptedAt: string;
  readonly sendAt: string | null;
  /** Null where it never expires. It does not run while a mail is suspended. */
  readonly expiresAt: string | null;
  readonly subject: string;
  /** Null: the configured sender. */
  readonly from: string | null;
  readonly firstRecipient: string;
  readonly recipientCount: number;
  readonly acceptedCount: number;
  readonly category: string;
  readonly priority: PriorityLabel;
  readonly sizeBytes: number;
  readonly attemptCount: number;
  /** It was tried before it was held, so it counts in no limit again. */
  readonly isCounted: boolean;
}

export interface HeldPage {
  readonly items: readonly HeldItem[];
  /** For `after` and `before`; null where the list ends. */
  readonly next: string | null;
  readonly previous: string | null;
  /** What SQL calls now: ages are counted from it. */
  readonly now: string;
}

export interface HeldCount {
  readonly mails: number;
  /** There are more; only where an exact count was not asked for. */
  readonly isCapped: boolean;
  /** Sum over their recipients; null where an exact count was not asked for. */
  readonly recipients: number | null;
}

/** What is held, without filters: as cheap for a million as for none. */
export interface HeldTotals {
  readonly backlog: number;
  readonly suspended: number;
  /** Of the backlog. */
  readonly byReason: Readonly<Record<HoldReason, number>>;
  /** When the longest waiting mail of the backlog was held; null where it is empty. */
  readonly oldestHeldAt: string | null;
}

/** A limit of the day that a resume would meet. */
export interface PassedLimit {
  /** "smtp", "ews", "graph" or "project:<id>", as the verbs of limits take it. */
  readonly scope: string;
  readonly limit: number;
  readonly used: number;
  /** Those of the selection that count in it. */
  readonly mails: number;
  /** How far it would be passed; 0 where they fit. */
  readonly passedBy: number;
  /** How many it would hold again if the resume did not pass it; what is set aside for high priority counts too. */
  readonly heldAgain: number;
  /** How far it would be passed, of the limit, in percent with one decimal. */
  readonly percent: number;
}

/** What a resume would do, before a person confirms it. */
export interface ResumePreview {
  /** Those that would be let go; `quotaHeld` are not among them. */
  readonly mails: number;
  readonly recipients: number;
  readonly byReason: Readonly<Record<HoldReason, number>>;
  /** Hand it back to `startBulkRun`: what is held later is not meant. */
  readonly asOf: string;
  /** Each daily limit that they would count in, the one that is passed furthest first. */
  readonly limits: readonly PassedLimit[];
  /** Of the first of `limits`; null where there is none. */
  readonly usedToday: number | null;
  readonly limit: number | null;
  readonly passedBy: number;
  readonly percent: number;
  /** Mails with more recipients than one may have; null where none has. */
  readonly overRecipients: {
    readonly mails: number;
    readonly largest: number;
    /** The lowest limit that is passed. */
    readonly limit: number;
  } | null;
  /** Left in the backlog: the quota that holds them is still spent, and nobody may pass it. */
  readonly quotaHeld: number;
  /** Projects whose mails become queued and go on waiting, and why. */
  readonly waiting: readonly {
    readonly project: ProjectName;
    readonly mails: number;
    readonly reason: 'archived' | 'not_set_up' | 'paused' | 'stopped' | 'waiting';
  }[];
  /** How long the resume takes at its pace; null without a pace. */
  readonly minutesAtPace: number | null;
}

/** Something done to many mails, at work or done. Instants are ISO strings. */
export interface BulkRunView {
  readonly id: string;
  /** Null: over every project of the organization. */
  readonly project: ProjectName | null;
  readonly kind: RunKind;
  readonly state: 'running' | 'done' | 'stopped';
  readonly expected: number;
  readonly done: number;
  /** Those that had changed their state meanwhile, or that a spent quota holds. */
  readonly skipped: number;
  readonly overrides: { readonly dayLimit: boolean; readonly recipientsLimit: boolean };
  readonly pacePerMinute: number | null;
  /** Null where mails were chosen one by one. */
  readonly filter: HeldFiltersInput | null;
  /** The same where it works on messages rather than on held mails. */
  readonly messageFilter: MessageFiltersInput | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly startedBy: string;
  readonly stoppedBy: string | null;
  /** By its pace, or by what it has done so far; null where that is not known or it has ended. */
  readonly secondsLeft: number | null;
  /** A suspend can be undone until then; null where it cannot. */
  readonly undoUntil: string | null;
  readonly undoOf: string | null;
}

/** What auto resume of a project will do next, and when. */
export interface AutoResumeView {
  readonly isOn: boolean;
  /** The organization's choice holds. */
  readonly isInherited: boolean;
  /** It releases only while fewer than these wait; null: always. */
  readonly threshold: number | null;
  /** Mails of this project that a limit of the day holds. */
  readonly pending: number;
  /** Why nothing is released now; null where it is at work or nothing waits. */
  readonly blockedBy: 'off' | 'threshold' | 'paused' | 'no_room' | null;
  /** The next time at which room appears by itself; null where the time is not known, or nothing waits. */
  readonly nextCause: { readonly kind: 'new_day' | 'room'; readonly at: string } | null;
  /** How many of `pending` are released then, as things stand. */
  readonly willRelease: number;
  /** How many wait at the end of the day (`nextCause.at`), at today's pace; null where nothing tells. */
  readonly pendingByEnd: number | null;
  readonly timeZone: string;
}
