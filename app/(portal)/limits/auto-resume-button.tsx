'use client';

import { useState } from 'react';
import type { ActionResult } from '#app/_server/action.ts';
import { Button } from '#app/_ui/button.tsx';
import { RadioCards } from '#app/_ui/choices.tsx';
import { Field } from '#app/_ui/field.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { NumberInput } from '#app/_ui/inputs.tsx';
import { saveAutoResumeAction } from './actions.ts';
import { ChoiceDialog } from './choice-dialog.tsx';
import { readTypedNumber } from './typed-number.ts';

export interface AutoResumeButtonProps {
  readonly organization: string;
  /** Null: the default of the organization. */
  readonly project: { readonly slug: string; readonly name: string } | null;
  readonly isOn: boolean;
  readonly isInherited: boolean;
  readonly threshold: number | null;
  /** Why the reader may not change it. */
  readonly why: string | false;
}

type Choice = 'inherit' | 'on' | 'off';

const choices = [
  {
    value: 'on',
    label: 'On',
    note: 'Held mails go out by themselves, oldest first, when the limit is raised or a new day starts.',
  },
  { value: 'off', label: 'Off', note: 'Held mails stay until a person resumes them.' },
] as const;

const inherit = {
  value: 'inherit',
  label: 'As the organization',
  note: 'Follows its default, now and later.',
} as const;

/** Opens the choice of auto resume: on with a threshold, off, or as the organization. */
export function AutoResumeButton(props: AutoResumeButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button why={props.why} aria-label="Change auto resume" onClick={() => setIsOpen(true)}>
        Change
      </Button>
      {isOpen && <AutoResumeDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function AutoResumeDialog(props: AutoResumeButtonProps & { onClose: () => void }) {
  const { organization, project, isOn, isInherited, threshold, onClose } = props;
  const [choice, setChoice] = useState<Choice>(isInherited ? 'inherit' : isOn ? 'on' : 'off');
  const [text, setText] = useState(isInherited || threshold === null ? '' : formatNumber(threshold));
  const typed = readTypedNumber(text);

  async function save(): Promise<ActionResult<unknown>> {
    if (choice === 'on' && typed.kind === 'unclear') return unclear(typed.message);
    return saveAutoResumeAction(organization, {
      project: project?.slug ?? null,
      autoResume: choice === 'inherit' ? null : choice === 'on',
      threshold: choice === 'on' && typed.kind === 'number' ? typed.value : null,
    });
  }

  return (
    <ChoiceDialog
      title={project === null ? 'Auto resume, default' : `Auto resume of ${project.name}`}
      description={
        project === null
          ? 'For every project that has no choice of its own.'
          : 'For mails that a daily limit holds. A pause and a stopped server hold them all the same.'
      }
      saveLabel="Save auto resume"
      savedWords={choice === 'off' ? 'Auto resume is off' : 'Auto resume is saved'}
      onSave={save}
      onClose={onClose}
    >
      <RadioCards
        name="auto-resume"
        label="Auto resume"
        value={choice}
        onChange={setChoice}
        choices={project === null ? choices : [inherit, ...choices]}
      />
      {choice === 'on' && (
        <Field
          id="auto-resume-threshold"
          label="Only below"
          help="Mails that wait. A flood larger than this is not let loose at midnight; a raised limit still releases it. Blank means always."
        >
          {(aria) => (
            <NumberInput
              {...aria}
              className="w-30! text-right"
              placeholder="always"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      )}
    </ChoiceDialog>
  );
}

/** A value that no verb need be asked about. */
function unclear(message: string): ActionResult<unknown> {
  return {
    ok: false,
    error: { code: 'invalid_input', message, issues: [], data: {}, reference: null },
  };
}
