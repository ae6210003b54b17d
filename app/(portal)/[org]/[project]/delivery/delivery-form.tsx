'use client';

import { RotateCcw } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { DeliveryView } from '#lib/delivery/read-delivery.ts';
import type { DeliveryRules } from '#lib/delivery/schemas.ts';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { RadioCards } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { SaveBar } from '#app/_ui/save-bar.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { saveDeliveryAction } from './actions.ts';
import { effectWords, uncertainLabels, uncertainNote } from './delivery-words.ts';
import {
  type DeliveryForm as Form,
  fieldOfKey,
  formOf,
  readSchedule,
  type ScheduleField,
  timeText,
} from './schedule-form.ts';
import { NumberRow, TimeRow } from './schedule-rows.tsx';
import { SchedulePreview } from './schedule-preview.tsx';
import { useDeliveryPreview } from './use-delivery-preview.ts';

export interface DeliveryFormProps {
  readonly organization: string;
  readonly project: string;
  readonly view: DeliveryView & { readonly version: number };
  readonly defaults: DeliveryRules;
  /** Why the reader may not change it. */
  readonly why: string | false;
}

const labels: Readonly<Record<keyof Form, string>> = {
  firstWait: 'First wait',
  factor: 'Growth',
  longestWait: 'Longest wait',
  jitter: 'Jitter',
  giveUp: 'Give up after',
  uncertain: 'A mail in doubt',
};
const fields: readonly (keyof Form)[] = [
  'firstWait',
  'factor',
  'longestWait',
  'jitter',
  'giveUp',
  'uncertain',
];

/** How mail of the project is tried again, and what becomes of mail in doubt. */
export function DeliveryForm({ organization, project, view, defaults, why }: DeliveryFormProps) {
  const saved = formOf(view.rules);
  const [form, setForm] = useState(saved);
  const [refused, setRefused] = useState<Readonly<Partial<Record<ScheduleField, string>>>>({});
  const [message, setMessage] = useState<string>();
  const [isPending, setIsPending] = useState(false);
  const read = readSchedule(form);
  const faults = read.kind === 'faults' ? read.faults : refused;
  const dirty = fields.filter((field) => textOf(form, field) !== textOf(saved, field));
  const schedule = read.kind === 'schedule' ? read.schedule : null;
  const isScheduleDirty = dirty.some((field) => field !== 'uncertain');
  const preview = useDeliveryPreview(organization, {
    project,
    rules: schedule === null || !isScheduleDirty ? null : { retry: schedule, uncertain: form.uncertain },
  });

  function set<Name extends keyof Form>(field: Name, value: Form[Name]): void {
    setForm((now) => ({ ...now, [field]: value }));
    setRefused({});
    setMessage(undefined);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setMessage(undefined);
    if (schedule === null) return setMessage('A field needs another value.');
    setIsPending(true);
    const result = await saveDeliveryAction(organization, {
      project,
      rules: { retry: schedule, uncertain: form.uncertain },
      expectedVersion: view.version,
    }).catch(() => null);
    setIsPending(false);
    if (result?.ok === true) {
      showToast({
        title: 'Delivery is saved',
        detail: 'It holds from the next result on, for mail that was accepted before too.',
      });
      return;
    }
    const found = result?.error.issues ?? [];
    setRefused(Object.fromEntries(found.flatMap(({ field, message: said }) => refusalOf(field, said))));
    setMessage(
      found.length > 0
        ? 'A field needs another value.'
        : (result?.error.message ?? 'The portal does not answer. Nothing was saved.'),
    );
  }

  const row = { form, set, faults, dirty, isReadOnly: why !== false };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div className="form">
        <Card title="Retries" note="of temporary failures; a permanent one is never tried again by itself">
          <TimeRow
            {...row}
            field="firstWait"
            label={labels.firstWait}
            units={['seconds', 'minutes', 'hours']}
          />
          <NumberRow {...row} field="factor" label={labels.factor} unit="times the wait before" />
          <TimeRow
            {...row}
            field="longestWait"
            label={labels.longestWait}
            units={['seconds', 'minutes', 'hours']}
          />
          <NumberRow
            {...row}
            field="jitter"
            label={labels.jitter}
            unit="percent"
            help="Moves each wait by up to so much, so that mail does not all come back at one moment."
          />
          <TimeRow
            {...row}
            field="giveUp"
            label={labels.giveUp}
            units={['hours', 'days']}
            help="Of time in which the mail could be tried: a pause, a hold, a server that is waited for or stopped does not count. The expiry time that a mail was given always does."
          />
          <div className="fld">
            <span className="lb">Preview</span>
            {schedule === null ? (
              <p className="py-1.5 text-text-3">The times appear when the five values fit together.</p>
            ) : (
              <div>
                <SchedulePreview schedule={schedule} />
                <output className="help block">{preview !== null && effectWords(preview)}</output>
              </div>
            )}
          </div>
        </Card>
        <Card
          title="When nobody knows whether a mail arrived"
          note="the connection or the worker ended after the last byte, before the answer"
        >
          <Field
            id="delivery-uncertain"
            label={labels.uncertain}
            group
            dirty={dirty.includes('uncertain')}
            help="A mail that was surely not handed over is always just sent."
          >
            {(aria) => (
              <RadioCards
                name="uncertain"
                labelledBy="delivery-uncertain-label"
                describedBy={aria['aria-describedby']}
                value={form.uncertain}
                onChange={(value) => set('uncertain', value)}
                choices={(['resend', 'resend_at_once', 'hold'] as const).map((value) => ({
                  value,
                  label: uncertainLabels[value],
                  note: uncertainNote(value, view.looks),
                  disabled: why !== false,
                }))}
              />
            )}
          </Field>
        </Card>
      </div>
      {why === false && (
        <SaveBar
          changes={dirty.map((field) => ({
            label: labels[field],
            old: textOf(saved, field),
            new: textOf(form, field),
          }))}
          pending={isPending}
          error={message}
          onDiscard={() => {
            setForm(saved);
            setRefused({});
            setMessage(undefined);
          }}
          secondary={
            <Button
              big
              icon={RotateCcw}
              why={isSame(form, formOf(defaults)) && 'These are the default values.'}
              onClick={() => {
                setForm(formOf(defaults));
                setRefused({});
              }}
            >
              Back to default
            </Button>
          }
        />
      )}
    </form>
  );
}

function textOf(form: Form, field: keyof Form): string {
  switch (field) {
    case 'firstWait':
    case 'longestWait':
    case 'giveUp':
      return timeText(form[field]);
    case 'factor':
      return `× ${form.factor.trim()}`;
    case 'jitter':
      return `${form.jitter.trim()}%`;
    case 'uncertain':
      return uncertainLabels[form.uncertain];
    default:
      return field satisfies never;
  }
}

function isSame(a: Form, b: Form): boolean {
  return fields.every((field) => textOf(a, field) === textOf(b, field));
}

/** An error of the server at the field that it names: "rules.retry.giveUpAfterHours". */
function refusalOf(path: string, message: string): readonly [ScheduleField, string][] {
  const key = path.replace(/^rules\.retry\./, '');
  return Object.entries(fieldOfKey).flatMap(([known, field]) => (known === key ? [[field, message]] : []));
}
