/** Why a mail is held: one reason each (PRODUCT 4.3). The order is that of filters and legends. */
export const holdReasons = ['day_limit', 'quota', 'recipients_limit', 'flood', 'by_hand'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** Who may let it go besides a person: auto resume, a raise of the limit, or nobody. */
export type ReleasedBy = 'auto' | 'raise' | 'person';

export interface HoldReasonFacts {
  /** Two words for a cell or a filter. */
  readonly label: string;
  /** A short phrase behind a subject: "held: …". */
  readonly phrase: string;
  /** What has happened, and what lets it go. */
  readonly meaning: string;
  readonly releasedBy: ReleasedBy;
  /** A limit of Mailroom's own holds it, so that a change of that limit decides it again. */
  readonly isLimit: boolean;
}

/** The closed table of hold reasons: what each reads as, and who may release. */
export const holdReasonFacts: Readonly<Record<HoldReason, HoldReasonFacts>> = {
  day_limit: {
    label: 'Daily limit',
    phrase: 'the daily limit is reached',
    meaning: 'The daily limit is reached. Auto resume lets it go when there is room, or a person does.',
    releasedBy: 'auto',
    isLimit: true,
  },
  quota: {
    label: "Provider's quota",
    phrase: "the provider's quota is used up",
    meaning:
      "The provider's quota is used up. Auto resume lets it go when there is some again, or a person does.",
    releasedBy: 'auto',
    isLimit: false,
  },
  recipients_limit: {
    label: 'Recipients limit',
    phrase: 'it has too many recipients',
    meaning: 'It has more recipients than one mail may have. A higher limit lets it go, or a person does.',
    releasedBy: 'raise',
    isLimit: true,
  },
  flood: {
    label: 'Flood',
    phrase: 'it repeats others',
    meaning: 'It looks like a loop or a flood. A person decides whether it goes out.',
    releasedBy: 'person',
    isLimit: false,
  },
  by_hand: {
    label: 'Held by a person',
    phrase: 'a person has stopped it',
    meaning: 'A person has stopped it, and a person lets it go.',
    releasedBy: 'person',
    isLimit: false,
  },
};

/**
 * What lets a mail pass; bits of one number. A person's resume gives the first two (PRODUCT 5.5), never a provider's
 * quota; Mailroom's own notices have all.
 */
export const overrideBits = { dayLimit: 1, recipientsLimit: 2, quota: 4 } as const;

export function isHoldReason(value: string | null): value is HoldReason {
  return holdReasons.some((reason) => reason === value);
}
