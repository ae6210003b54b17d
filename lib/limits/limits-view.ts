import type { Protocol } from './limit-scope.ts';

/** How a day is cut. */
export type WindowKind = 'calendar' | 'rolling';
export const windowKinds = ['calendar', 'rolling'] as const;

/** What happens at accept to a mail with too many recipients (PRODUCT 5.4). */
export type RecipientsPolicy = 'hold' | 'split' | 'refuse';
export const recipientsPolicies = ['hold', 'split', 'refuse'] as const;

/** A window that mail counts in. Instants are ISO strings. */
export interface LimitWindow {
  readonly kind: WindowKind;
  readonly timeZone: string;
  readonly startsAt: string;
  /** Null: a rolling window has no end. */
  readonly endsAt: string | null;
}

/** A saved change of zone or kind that begins when the running window ends. `endsAt`: its first window's end. */
export type NextWindow = LimitWindow;

export interface LimitPolicy {
  readonly recipientsPolicy: RecipientsPolicy;
  /** What projects without a choice of their own do. */
  readonly autoResume: boolean;
  /** Auto resume stops above so many mails that wait; null: never. */
  readonly autoResumeThreshold: number | null;
}

/** One scope of limits with its use in the running window: all mail of a protocol, or one project's. */
export interface LimitScopeView {
  /** What verbs take as `scope`: "smtp", "ews", "graph" or "project:<id>". */
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly project: { readonly id: string; readonly slug: string; readonly name: string } | null;
  /** "SMTP", "EWS", "Graph" or the project's name. */
  readonly label: string;
  /** MAIL_LIMIT_PER_DAY_SMTP and its like; null for a project's pair. */
  readonly dayKey: string | null;
  /** RECIPIENTS_LIMIT_PER_MAIL_SMTP and its like; null for a project's pair. */
  readonly recipientsKey: string | null;
  /** Null: no limit. */
  readonly mailsPerDay: number | null;
  readonly recipientsPerMail: number | null;
  /** Mails of the day that only high priority may use. */
  readonly highReserve: number;
  readonly used: number;
  readonly highUsed: number;
  /** Of `used`, those that passed the limit: resumed by a person, or test mails. */
  readonly passedToday: number;
  /** Mails in the backlog now, by the limit that holds them. */
  readonly heldNow: { readonly dayLimit: number; readonly recipientsLimit: number };
  /** Recipients of the largest mail of the window, started or held; 0 where there was none. */
  readonly largestToday: number;
  /** Mails expected by the end of the window, those past the limit with them; null while nothing is known. */
  readonly expectedByEnd: number | null;
}

export interface LimitsView {
  readonly now: string;
  readonly window: LimitWindow;
  readonly nextWindow: NextWindow | null;
  readonly policy: LimitPolicy;
  /** Of the organization: its three protocols, then projects with limits of their own. Of a project: its protocol's, then its own. */
  readonly scopes: readonly LimitScopeView[];
  /** The reader may change them. */
  readonly canWrite: boolean;
}

/** One day of a scope, in the organization's time zone. */
export interface LimitDay {
  /** "2026-11-20". */
  readonly day: string;
  readonly sent: number;
  /** Mails that the daily limit stopped on this day. */
  readonly held: number;
  /** What was in force when the day ended, or now; null: no limit. */
  readonly limit: number | null;
}

export interface BeforeAndAfter<Value> {
  readonly before: Value;
  readonly after: Value;
}

/** What a limit would do if it were saved now. */
export interface LimitChangePreview {
  /** Held mails that leave at once by it: by auto resume, and those that fit a higher recipients limit. */
  readonly wouldGoOutNow: number;
  /** Of them, by the recipients limit. */
  readonly fitsRecipients: number;
  /** How many days with figures the next three look back on, at most 30. */
  readonly days: number;
  readonly daysReached: BeforeAndAfter<number>;
  readonly mailsHeld: BeforeAndAfter<number>;
  /** From the moment at which the limit was spent to the end of that day. */
  readonly longestWaitMs: BeforeAndAfter<number>;
  /** Mails left in the running window; never below 0; null: no limit. */
  readonly roomLeft: BeforeAndAfter<number | null>;
}

/** A project's limits as its callers see them. */
export interface ProjectLimits {
  readonly limit: number | null;
  readonly used: number;
  /** Null: no limit. */
  readonly left: number | null;
  /** When the window ends; null for a rolling one. */
  readonly resetsAt: string | null;
  /** Mails of the window that only high priority may still use. */
  readonly reservedForHigh: number;
  readonly recipientsPerMail: number | null;
  readonly recipientsPolicy: RecipientsPolicy;
  readonly window: LimitWindow;
  /** This project's mails in the backlog that the daily limit holds. */
  readonly heldNow: number;
  /** Each limit that its mail meets. */
  readonly limits: readonly {
    readonly over: 'protocol' | 'project';
    readonly protocol: Protocol | null;
    readonly mailsPerDay: number | null;
    readonly recipientsPerMail: number | null;
    readonly used: number;
  }[];
}

/** The numbers of a scope that a person may change; what is left out stays. */
export interface LimitNumbers {
  readonly mailsPerDay: number | null;
  readonly recipientsPerMail: number | null;
  readonly highReserve: number;
}

/** Input of `saveLimit`. `expected` is what the person saw; other values by now are a `version_conflict`. */
export interface SaveLimit extends Partial<LimitNumbers> {
  readonly scope: string;
  readonly expected: LimitNumbers;
}

/** Input of `saveLimitPolicy`. */
export interface SaveLimitPolicy {
  readonly recipientsPolicy: RecipientsPolicy;
}

/** Input of `saveLimitCalendar`. What is left out stays. */
export interface SaveLimitCalendar {
  readonly kind?: WindowKind;
  readonly timeZone?: string;
}

/** Input of `saveAutoResume`. Without a project, the organization's default; null takes that default. */
export interface SaveAutoResume {
  readonly project: string | null;
  readonly autoResume: boolean | null;
  readonly threshold: number | null;
}
