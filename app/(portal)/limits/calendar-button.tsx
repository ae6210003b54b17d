'use client';

import { useState } from 'react';
import type { LimitWindow, WindowKind } from '#lib/limits/limits-view.ts';
import { Button } from '#app/_ui/button.tsx';
import { RadioCards } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { Select } from '#app/_ui/inputs.tsx';
import { saveLimitCalendarAction } from './actions.ts';
import { ChoiceDialog } from './choice-dialog.tsx';

export interface CalendarButtonProps {
  readonly organization: string;
  readonly window: Pick<LimitWindow, 'kind' | 'timeZone'>;
  readonly zones: readonly string[];
  readonly why: string | false;
}

/** Opens the choice of what a day is: midnight of a zone, or the last 24 hours. */
export function CalendarButton(props: CalendarButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button why={props.why} aria-label="Change what a day is" onClick={() => setIsOpen(true)}>
        Change
      </Button>
      {isOpen && <CalendarDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function CalendarDialog({
  organization,
  window,
  zones,
  onClose,
}: CalendarButtonProps & { onClose: () => void }) {
  const [kind, setKind] = useState<WindowKind>(window.kind);
  const [timeZone, setTimeZone] = useState(window.timeZone);
  return (
    <ChoiceDialog
      title="What a day is"
      description="It begins when the running day ends, so that no mail counts twice."
      saveLabel="Save day"
      savedWords="The day is saved; it begins when the running one ends"
      onSave={() => saveLimitCalendarAction(organization, { kind, timeZone })}
      onClose={onClose}
    >
      <RadioCards
        name="window"
        label="Day"
        value={kind}
        onChange={setKind}
        choices={[
          {
            value: 'calendar',
            label: 'Calendar day',
            note: 'From midnight to midnight. It has 23 or 25 hours when clocks change.',
          },
          {
            value: 'rolling',
            label: 'Last 24 hours',
            note: 'Room appears minute by minute, as mails become a day old.',
          },
        ]}
      />
      <Field
        id="calendar-zone"
        label="Time zone"
        help="Of the whole organization: figures of today follow it too."
      >
        {(aria) => (
          <Select {...aria} value={timeZone} onChange={(event) => setTimeZone(event.target.value)}>
            {[...new Set([...zones, 'UTC', window.timeZone])].toSorted().map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </Select>
        )}
      </Field>
    </ChoiceDialog>
  );
}
