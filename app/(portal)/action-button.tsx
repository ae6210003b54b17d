'use client';

import { type ReactNode, useState } from 'react';
import { Button, type ButtonVariant } from '../_ui/button.tsx';
import { ConfirmDialog } from '../_ui/dialog.tsx';
import { showToast } from '../_ui/toast.tsx';
import type { ActionResult } from '../_server/action.ts';

type Run = () => Promise<ActionResult<unknown>>;

/** Runs the action; a refusal is said in a toast, success by `done` where there is something to say. */
async function runAndTell(run: Run, done: string | undefined): Promise<boolean> {
  const result = await run().catch(() => null);
  if (result?.ok === true) {
    if (done !== undefined) showToast({ title: done });
    return true;
  }
  const title = result?.error.message ?? 'The portal does not answer. Nothing was changed.';
  showToast({ title, glyph: 'failed', tone: 'red' });
  return false;
}

export interface ActionButtonProps {
  /** A server action with everything it needs bound to it. */
  readonly run: Run;
  readonly pendingLabel: string;
  readonly done?: string | undefined;
  readonly variant?: ButtonVariant | undefined;
  readonly big?: boolean | undefined;
  /** Why the reader may not press it. */
  readonly why?: string | false | undefined;
  readonly children: string;
}

/** A button that does one thing at once. */
export function ActionButton({ run, pendingLabel, done, children, ...look }: ActionButtonProps) {
  const [isPending, setIsPending] = useState(false);
  async function press() {
    setIsPending(true);
    await runAndTell(run, done);
    setIsPending(false);
  }
  return (
    <Button {...look} pending={isPending && pendingLabel} onClick={() => void press()}>
      {children}
    </Button>
  );
}

export interface ConfirmActionButtonProps extends ActionButtonProps {
  readonly title: string;
  /** States the effect. */
  readonly description: ReactNode;
  readonly confirmLabel: string;
  readonly confirmVariant?: ButtonVariant;
}

/** A button that states its effect and asks first. */
export function ConfirmActionButton(props: ConfirmActionButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant={props.variant} big={props.big} why={props.why} onClick={() => setIsOpen(true)}>
        {props.children}
      </Button>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setIsOpen}
        title={props.title}
        description={props.description}
        confirmLabel={props.confirmLabel}
        pendingLabel={props.pendingLabel}
        variant={props.confirmVariant ?? 'primary'}
        onConfirm={() => runAndTell(props.run, props.done)}
      />
    </>
  );
}
