'use client';

import { Dialog as Base } from '@base-ui/react/dialog';
import { useState, type ReactNode } from 'react';
import { Button, type ButtonVariant } from './button.tsx';

type DialogFrame = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One or two sentences that state the effect. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the primary one last. */
  footer?: ReactNode;
};

/** A question that must be answered before going on: 480 px, a sheet from below on a phone. */
export function Dialog({ open, onOpenChange, title, description, children, footer }: DialogFrame) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Viewport className="scrim">
          <Base.Popup className="dialog">
            <div className="body">
              <Base.Title>{title}</Base.Title>
              {description && (
                <Base.Description className="text-text-2" render={<div />}>
                  {description}
                </Base.Description>
              )}
              {children}
            </div>
            {footer && <footer>{footer}</footer>}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/** A dialog that states an effect and waits for yes. It stays open, pending, until `onConfirm` has settled. */
export function ConfirmDialog({
  confirmLabel,
  pendingLabel,
  cancelLabel = 'Cancel',
  variant = 'primary',
  onConfirm,
  ...frame
}: Omit<DialogFrame, 'footer'> & {
  confirmLabel: string;
  pendingLabel: string;
  cancelLabel?: string;
  variant?: ButtonVariant;
  /** Return false to keep the dialog open. */
  onConfirm: () => Promise<boolean | void> | boolean | void;
}) {
  const [pending, setPending] = useState(false);
  async function confirm() {
    setPending(true);
    try {
      if ((await onConfirm()) !== false) frame.onOpenChange(false);
    } finally {
      setPending(false);
    }
  }
  return (
    <Dialog
      {...frame}
      footer={
        <>
          <Button big onClick={() => frame.onOpenChange(false)}>
            {cancelLabel}
          </Button>
          <Button big variant={variant} pending={pending && pendingLabel} onClick={() => void confirm()}>
            {confirmLabel}
          </Button>
        </>
      }
    />
  );
}

/** The sum of a confirmation: rows of word and figure, the last one in bold. */
export function SumTable({ rows }: { rows: ReadonlyArray<{ name: ReactNode; value: ReactNode }> }) {
  return (
    <table className="sum">
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            <td>{row.name}</td>
            <td>{row.value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
