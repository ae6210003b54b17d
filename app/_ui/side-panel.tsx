'use client';

import { X } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, type ReactNode } from 'react';
import { IconButton, IconLink } from './button.tsx';

/** How a panel closes: to the list's address, out of this address (filters stay), or by a call. */
type PanelClosing =
  | { closeHref: string; closeParam?: undefined; onClose?: undefined }
  | { closeParam: string; closeHref?: undefined; onClose?: undefined }
  | { onClose: () => void; closeHref?: undefined; closeParam?: undefined };

function useClosedHref({ closeHref, closeParam }: PanelClosing): string {
  const pathname = usePathname();
  const search = new URLSearchParams(useSearchParams());
  if (closeHref !== undefined) return closeHref;
  if (closeParam !== undefined) search.delete(closeParam);
  return search.size > 0 ? `${pathname}?${search}` : pathname;
}

/**
 * The detail beside a list: 520 px, over the list below 1280, the whole screen on a phone. It has an address of its
 * own; a panel that is no place but a tool (the test mail) takes `onClose`. Put it as `panel` into `<WorkArea>`.
 */
export function SidePanel({
  label,
  header,
  children,
  footer,
  ...closing
}: {
  label: string;
  header: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
} & PanelClosing) {
  const router = useRouter();
  const closedHref = useClosedHref(closing);
  const close = useEffectEvent(() => {
    if (closing.onClose) closing.onClose();
    else router.push(closedHref, { scroll: false });
  });
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    // Beside the list the row keeps the focus, so that j and k go on; over the list the panel takes it.
    if (matchMedia('(min-width: 1280px)').matches) return undefined;
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (document.querySelector('[role="dialog"],[role="menu"],[role="alertdialog"]')) return;
      close();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <aside className="panel" aria-label={label} ref={panel} tabIndex={-1}>
      <header>
        {header}
        {closing.onClose ? (
          <IconButton icon={X} label="Close panel" onClick={closing.onClose} className="ml-auto" />
        ) : (
          <IconLink icon={X} label="Close panel" href={closedHref} scroll={false} className="ml-auto" />
        )}
      </header>
      <div className="scroll">{children}</div>
      {footer && <footer>{footer}</footer>}
    </aside>
  );
}

/** One part of a panel, with its small heading. */
export function PanelSection({
  title,
  end,
  children,
}: {
  title?: ReactNode;
  end?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section>
      {title && (
        <h3 className="flex justify-between gap-2">
          <span>{title}</span>
          {end && <span>{end}</span>}
        </h3>
      )}
      {children}
    </section>
  );
}
