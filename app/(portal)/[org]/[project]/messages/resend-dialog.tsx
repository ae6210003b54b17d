'use client';

import { useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { Segmented } from '#app/_ui/choices.tsx';
import { Dialog } from '#app/_ui/dialog.tsx';
import { Field } from '#app/_ui/field.tsx';
import { TextInput } from '#app/_ui/inputs.tsx';
import { resendMessageAction } from './actions.ts';

type Target = 'own' | 'other';

/** Asks to whom a finished mail is sent again: those that have not got it, or another address. */
export function ResendDialog({
  open,
  onOpenChange,
  organization,
  project,
  id,
  onSent,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  organization: string;
  project: string;
  id: string;
  onSent: (newId: string) => void;
}) {
  const [target, setTarget] = useState<Target>('own');
  const [address, setAddress] = useState('');
  const [error, setError] = useState<string>();
  const [isPending, setPending] = useState(false);

  async function send(): Promise<void> {
    setPending(true);
    setError(undefined);
    const result = await resendMessageAction(organization, {
      project,
      id,
      ...(target === 'other' ? { to: [address.trim()] } : {}),
    });
    setPending(false);
    if (!result.ok) {
      setError(result.error.issues[0]?.message ?? result.error.message);
      return;
    }
    onOpenChange(false);
    onSent(result.data.id);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Send this mail again?"
      description="It becomes a new mail with its own Message-ID, linked to this one, and counts as one more mail."
      footer={
        <>
          <Button big onClick={() => onOpenChange(false)}>
            Keep as it is
          </Button>
          <Button big variant="primary" pending={isPending && 'Sending…'} onClick={() => void send()}>
            Send again
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Segmented
          name="resend-target"
          label="To whom"
          value={target}
          onChange={(value) => setTarget(value === 'other' ? 'other' : 'own')}
          choices={[
            { value: 'own', label: 'Who has not got it' },
            { value: 'other', label: 'Another address' },
          ]}
        />
        {target === 'other' ? (
          <Field id="resend-to" label="Address" error={error}>
            {(aria) => (
              <TextInput
                {...aria}
                mono
                type="email"
                value={address}
                placeholder="someone@example.com"
                onChange={(event) => setAddress(event.target.value)}
              />
            )}
          </Field>
        ) : (
          <p className="text-text-2">
            Recipients that accepted it are left out; if all did, all get it again.
          </p>
        )}
        {target === 'own' && error !== undefined && <p className="text-red-text">{error}</p>}
      </div>
    </Dialog>
  );
}
