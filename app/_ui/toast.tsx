'use client';

import { X } from 'lucide-react';
import { toast, Toaster as Sonner } from 'sonner';
import { Button, IconButton } from './button.tsx';
import { Glyph, type GlyphName, type GlyphTone } from './glyph.tsx';

type ToastWords = {
  title: string;
  detail?: string | undefined;
  glyph?: GlyphName | undefined;
  tone?: GlyphTone | undefined;
  action?: { label: string; onPress: () => void } | undefined;
};

/** Says that background work has finished, with Undo or View; forms speak inline instead. */
export function showToast({ title, detail, glyph = 'sent', tone = 'green', action }: ToastWords): void {
  toast.custom(
    (id) => (
      <div className="toast">
        <Glyph name={glyph} tone={tone} />
        <p>
          {title}
          {detail && <small>{detail}</small>}
        </p>
        {action && (
          <Button
            variant="quiet"
            className="h-6"
            onClick={() => {
              action.onPress();
              toast.dismiss(id);
            }}
          >
            {action.label}
          </Button>
        )}
        <IconButton icon={X} label="Dismiss" className="h-6 w-6" onClick={() => toast.dismiss(id)} />
      </div>
    ),
    { duration: action ? 10_000 : 6_000 },
  );
}

/** Where toasts appear: bottom right, the newest on top. Once, in the root layout. */
export function Toaster() {
  return (
    <Sonner position="bottom-right" gap={8} visibleToasts={4} expand toastOptions={{ unstyled: true }} />
  );
}
