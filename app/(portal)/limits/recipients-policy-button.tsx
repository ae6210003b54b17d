'use client';

import { useState } from 'react';
import type { RecipientsPolicy } from '#lib/limits/limits-view.ts';
import { Button } from '#app/_ui/button.tsx';
import { RadioCards } from '#app/_ui/choices.tsx';
import { saveLimitPolicyAction } from './actions.ts';
import { ChoiceDialog } from './choice-dialog.tsx';
import { recipientsPolicyWords } from './policy-words.ts';

export interface RecipientsPolicyButtonProps {
  readonly organization: string;
  readonly policy: RecipientsPolicy;
  readonly why: string | false;
}

/** Opens the choice of what becomes of a mail with too many recipients. */
export function RecipientsPolicyButton(props: RecipientsPolicyButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button
        why={props.why}
        aria-label="Change what happens to a mail with too many recipients"
        onClick={() => setIsOpen(true)}
      >
        Change
      </Button>
      {isOpen && <PolicyDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function PolicyDialog({
  organization,
  policy,
  onClose,
}: RecipientsPolicyButtonProps & { onClose: () => void }) {
  const [chosen, setChosen] = useState<RecipientsPolicy>(policy);
  return (
    <ChoiceDialog
      title="Mails with too many recipients"
      description="What happens when a program hands over a mail with more recipients than one may have."
      saveLabel="Save choice"
      savedWords="The choice is saved; it holds for the next mail"
      onSave={() => saveLimitPolicyAction(organization, { recipientsPolicy: chosen })}
      onClose={onClose}
    >
      <RadioCards
        name="recipients-policy"
        label="Mails with too many recipients"
        value={chosen}
        onChange={setChosen}
        choices={[
          { value: 'hold', ...recipientsPolicyWords.hold },
          { value: 'split', ...recipientsPolicyWords.split },
          { value: 'refuse', ...recipientsPolicyWords.refuse },
        ]}
      />
    </ChoiceDialog>
  );
}
