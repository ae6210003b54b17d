'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { SectionHead } from '#app/_components/page-head.tsx';
import type { PresentedError } from '#app/_server/present-error.ts';
import { Button, LinkButton } from '#app/_ui/button.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { NumberInput } from '#app/_ui/inputs.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { saveLimitAction } from './actions.ts';
import { LimitEffect } from './limit-effect.tsx';
import type { LimitRow } from './limit-rows.ts';
import { readTypedNumber, type TypedNumber } from './typed-number.ts';
import { useLimitPreview } from './use-limit-preview.ts';

export interface LimitChangeProps {
  readonly organization: string;
  readonly row: LimitRow;
  /** What is typed; the chart draws it too. */
  readonly text: string;
  readonly onText: (text: string) => void;
  /** The address without the change. */
  readonly closeHref: string;
}

/** The value that a field stands for; undefined where it cannot be read. */
export function valueOf(typed: TypedNumber): number | null | undefined {
  switch (typed.kind) {
    case 'number':
      return typed.value;
    case 'blank':
      return null;
    case 'unclear':
      return undefined;
    default:
      return typed satisfies never;
  }
}

const unitWords = { day: 'mails a day', recipients: 'recipients of one mail' } as const;

/** "Change the daily limit, SMTP". */
export function changeWords({ side, label }: LimitRow): string {
  return `Change the ${side === 'day' ? 'daily' : 'recipients'} limit, ${label}`;
}

function nowWords({ side, limit }: LimitRow): string {
  return `${unitWords[side]}, now ${limit === null ? 'no limit' : formatNumber(limit)}`;
}

function saveWords(value: number | null | undefined): string {
  if (value === undefined) return 'Set limit';
  return value === null ? 'Remove limit' : `Set limit to ${formatNumber(value)}`;
}

/** Changes one limit; its effect stands in numbers before it is saved. */
export function LimitChange({ organization, row, text, onText, closeHref }: LimitChangeProps) {
  const router = useRouter();
  const [reserveText, setReserveText] = useState(
    row.saved.highReserve === 0 ? '' : formatNumber(row.saved.highReserve),
  );
  const [isSaving, setIsSaving] = useState(false);
  const [refusal, setRefusal] = useState<PresentedError | null>(null);
  const typed = readTypedNumber(text);
  const typedReserve = readTypedNumber(reserveText);
  const value = valueOf(typed);
  const reserve = valueOf(typedReserve);
  const { preview, error, isPending } = useLimitPreview(organization, row.scope, row.side, value);
  const isChanged = value !== row.limit || (row.side === 'day' && (reserve ?? 0) !== row.saved.highReserve);

  async function save(event: FormEvent) {
    event.preventDefault();
    if (value === undefined || reserve === undefined) return;
    setIsSaving(true);
    const result = await saveLimitAction(organization, {
      scope: row.scope,
      expected: row.saved,
      ...(row.side === 'day'
        ? { mailsPerDay: value, highReserve: value === null ? 0 : (reserve ?? 0) }
        : { recipientsPerMail: value }),
    }).catch(() => null);
    setIsSaving(false);
    if (result?.ok === true) {
      showToast({ title: savedWords(row, value) });
      router.replace(closeHref, { scroll: false });
      return;
    }
    setRefusal(result?.error ?? unanswered);
  }

  const shown = refusal ?? error;
  const issue = (fields: readonly string[]) =>
    shown?.issues.find(({ field }) => fields.includes(field))?.message;
  const limitError =
    typed.kind === 'unclear'
      ? typed.message
      : (issue(['mailsPerDay', 'recipientsPerMail', '']) ??
        (shown !== null && shown.issues.length === 0 ? shown.message : undefined));
  const reserveError = typedReserve.kind === 'unclear' ? typedReserve.message : issue(['highReserve']);
  return (
    <form onSubmit={(event) => void save(event)} noValidate>
      <SectionHead title={changeWords(row)} />
      <div className="pad grid gap-3">
        <NumberRow
          id="new-limit"
          label="New limit"
          note={nowWords(row)}
          value={text}
          error={limitError}
          focused
          onValue={(next) => {
            setRefusal(null);
            onText(next);
          }}
        />
        <p className="-mt-1.5 text-xs text-text-3" id="new-limit-help">
          Blank means no limit. To stop all mail, pause sending instead of setting 0.
        </p>
        {row.side === 'day' && (
          <NumberRow
            id="high-reserve"
            label="Set aside"
            note="of them for mail of high priority"
            value={reserveText}
            error={reserveError}
            onValue={(next) => {
              setRefusal(null);
              setReserveText(next);
            }}
          />
        )}
        <LimitEffect
          side={row.side}
          held={row.held}
          before={row.limit}
          after={value === undefined ? row.limit : value}
          preview={limitError === undefined ? preview : null}
          isPending={isPending}
        />
        <div className="row justify-end">
          <LinkButton big variant="quiet" href={closeHref} scroll={false}>
            Cancel
          </LinkButton>
          <Button
            big
            variant="primary"
            type="submit"
            pending={isSaving && 'Saving…'}
            why={
              (limitError !== undefined && limitError) ||
              (reserveError !== undefined && reserveError) ||
              (!isChanged && 'Nothing has changed.')
            }
          >
            {value === row.limit && isChanged ? 'Save what is set aside' : saveWords(value)}
          </Button>
        </div>
      </div>
    </form>
  );
}

const unanswered: PresentedError = {
  code: 'unavailable',
  message: 'The portal does not answer. Nothing was saved.',
  issues: [],
  data: {},
  reference: null,
};

function savedWords({ name }: LimitRow, value: number | null): string {
  return value === null ? `${name}: no limit any more` : `${name}: limit is ${formatNumber(value)}`;
}

function NumberRow({
  id,
  label,
  note,
  value,
  error,
  focused,
  onValue,
}: {
  id: string;
  label: string;
  note: string;
  value: string;
  error: string | undefined;
  /** Takes the focus when it appears. */
  focused?: boolean | undefined;
  onValue: (value: string) => void;
}) {
  return (
    <div>
      <div className="row flex-wrap">
        <label className="w-23 text-text-2" htmlFor={id}>
          {label}
        </label>
        <NumberInput
          id={id}
          className="w-30! text-right"
          value={value}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to change this very number
          autoFocus={focused === true}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={error === undefined ? `${id}-help` : `${id}-error`}
          onChange={(event) => onValue(event.target.value)}
        />
        <span className="text-xs text-text-3">{note}</span>
      </div>
      {error !== undefined && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}
