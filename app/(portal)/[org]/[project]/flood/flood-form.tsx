'use client';

import { type FormEvent, useState } from 'react';
import type { FloodThresholds } from '#lib/policy/flood.ts';
import { Card } from '#app/_ui/card.tsx';
import { Switch } from '#app/_ui/choices.tsx';
import { Field, FieldError } from '#app/_ui/field.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { NumberInput } from '#app/_ui/inputs.tsx';
import { SaveBar } from '#app/_ui/save-bar.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { readTypedNumber } from '../../../limits/typed-number.ts';
import { saveFloodSettingsAction } from './actions.ts';

type Figure = Exclude<keyof FloodThresholds, 'isOn'>;

export interface FloodFormProps {
  readonly organization: string;
  readonly project: string;
  readonly thresholds: FloodThresholds;
  /** Why the reader may not change it. */
  readonly why: string | false;
}

const fields: readonly { readonly key: Figure; readonly label: string; readonly unit: string }[] = [
  {
    key: 'repeatsPerHour',
    label: 'Repeated mail',
    unit: 'an hour of one sender, recipient and subject; numbers in it do not count',
  },
  {
    key: 'repliesPerHour',
    label: 'Automatic replies',
    unit: 'an hour of one sender to one recipient, whatever the subject',
  },
  { key: 'surgeFactor', label: 'Surge', unit: 'times the busiest hour of the last 7 days' },
  { key: 'surgeFloor', label: 'Surge, at least', unit: 'mails an hour; below that nothing is a surge' },
];

function textsOf(thresholds: FloodThresholds): Record<Figure, string> {
  return {
    repeatsPerHour: formatNumber(thresholds.repeatsPerHour),
    repliesPerHour: formatNumber(thresholds.repliesPerHour),
    surgeFactor: formatNumber(thresholds.surgeFactor),
    surgeFloor: formatNumber(thresholds.surgeFloor),
  };
}

/** From when on mail of the project is held as a flood. */
export function FloodForm({ organization, project, thresholds, why }: FloodFormProps) {
  const saved = textsOf(thresholds);
  const [isOn, setIsOn] = useState(thresholds.isOn);
  const [texts, setTexts] = useState(saved);
  const [issues, setIssues] = useState<Readonly<Record<string, string>>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);

  function read(): FloodThresholds | null {
    const unclear: Record<string, string> = {};
    const numberOf = (key: Figure): number => {
      const typed = readTypedNumber(texts[key]);
      if (typed.kind === 'number') return typed.value;
      unclear[key] =
        typed.kind === 'blank' ? 'This is a number. To hold nothing, switch the breaker off.' : typed.message;
      return 0;
    };
    const given = {
      isOn,
      repeatsPerHour: numberOf('repeatsPerHour'),
      repliesPerHour: numberOf('repliesPerHour'),
      surgeFactor: numberOf('surgeFactor'),
      surgeFloor: numberOf('surgeFloor'),
    };
    setIssues(unclear);
    return Object.keys(unclear).length === 0 ? given : null;
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setMessage(null);
    const given = read();
    if (given === null) return;
    setIsPending(true);
    const result = await saveFloodSettingsAction(organization, { project, thresholds: given }).catch(
      () => null,
    );
    setIsPending(false);
    if (result?.ok === true) return showToast({ title: 'The flood breaker is saved' });
    const found = result?.error.issues ?? [];
    setIssues(
      Object.fromEntries(found.map(({ field, message: said }) => [field.replace(/^thresholds\./, ''), said])),
    );
    if (found.length === 0)
      setMessage(result?.error.message ?? 'The portal does not answer. Nothing was saved.');
  }

  const changes = [
    ...(isOn === thresholds.isOn
      ? []
      : [{ label: 'Flood breaker', old: isOn ? 'off' : 'on', new: isOn ? 'on' : 'off' }]),
    ...fields
      .filter(({ key }) => texts[key] !== saved[key])
      .map(({ key, label }) => ({ label, old: saved[key], new: texts[key] })),
  ];
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div className="form">
        <Card title="Flood breaker" note="What is past these figures waits in the backlog for a person.">
          <Field id="flood-on" label="Breaker" group dirty={isOn !== thresholds.isOn}>
            {() => (
              <Switch
                aria-label="Flood breaker"
                checked={isOn}
                disabled={why !== false}
                onChange={(event) => setIsOn(event.target.checked)}
              >
                {isOn ? 'On: loops and floods are held at the door' : 'Off: nothing is held as a flood'}
              </Switch>
            )}
          </Field>
          {fields.map(({ key, label, unit }) => (
            <Field
              key={key}
              id={`flood-${key}`}
              label={label}
              error={issues[key]}
              dirty={texts[key] !== saved[key]}
            >
              {(aria) => (
                <span className="row flex-wrap">
                  <NumberInput
                    {...aria}
                    className="w-28! text-right"
                    readOnly={why !== false}
                    value={texts[key]}
                    onChange={(event) => setTexts({ ...texts, [key]: event.target.value })}
                  />
                  <span className="text-xs text-text-3">{unit}</span>
                </span>
              )}
            </Field>
          ))}
        </Card>
        {message !== null && <FieldError>{message}</FieldError>}
      </div>
      {why === false && (
        <SaveBar
          changes={changes}
          pending={isPending}
          onDiscard={() => {
            setIsOn(thresholds.isOn);
            setTexts(saved);
            setIssues({});
          }}
        />
      )}
    </form>
  );
}
