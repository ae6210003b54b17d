'use client';

import { Card } from '#app/_ui/card.tsx';
import { Field } from '#app/_ui/field.tsx';
import { Select } from '#app/_ui/inputs.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { DebugChoice } from './form-values.ts';
import { useForm } from './form-context.tsx';
import { useRow } from './form-fields.tsx';

const durations = [
  { hours: 1, words: 'after 1 hour' },
  { hours: 4, words: 'after 4 hours' },
  { hours: 24, words: 'after 24 hours' },
  { hours: 72, words: 'after 3 days' },
  { hours: 168, words: 'after 7 days' },
] as const;
const usualHours = 24;

/** Keeps the dialogue of the next mails, for a while (PRODUCT 2.11). */
export function DebugCard() {
  const { form, set, savedForm } = useForm();
  const choice = form['debug.until'];
  const saved = savedForm['debug.until'];
  const isOn = choice.kind !== 'off';
  const shell = useRow({
    field: 'debug.until',
    label: 'Switches itself off',
    help: 'When on, the full dialogue of the following mails is kept on their pages. Secrets are never in it.',
  });
  return (
    <Card
      title="Email debug"
      actions={
        <input
          type="checkbox"
          className="sw"
          aria-label="Email debug"
          checked={isOn}
          onChange={(event) => set('debug.until', event.target.checked ? switchedOn(saved) : { kind: 'off' })}
        />
      }
    >
      <Field {...shell}>
        {(aria) => (
          <span className="row flex-wrap">
            <Select
              {...aria}
              className="w-40"
              disabled={!isOn}
              value={
                choice.kind === 'until' ? 'until' : String(choice.kind === 'for' ? choice.hours : usualHours)
              }
              onChange={(event) => set('debug.until', chosen(event.target.value, saved))}
            >
              {saved.kind === 'until' && <option value="until">as saved</option>}
              {durations.map(({ hours, words }) => (
                <option key={hours} value={hours}>
                  {words}
                </option>
              ))}
            </Select>
            {choice.kind === 'until' && (
              <span className="text-xs text-text-3">
                <RelativeTime iso={choice.until} />
              </span>
            )}
          </span>
        )}
      </Field>
    </Card>
  );
}

function switchedOn(saved: DebugChoice): DebugChoice {
  return saved.kind === 'until' ? saved : { kind: 'for', hours: usualHours };
}

function chosen(value: string, saved: DebugChoice): DebugChoice {
  return value === 'until' && saved.kind === 'until' ? saved : { kind: 'for', hours: Number(value) };
}
