'use client';

import { X } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, type ReactNode } from 'react';
import { IconLink } from './button.tsx';

/**
 * The detail beside a list: 520 px, over the list below 1280, the whole screen on a phone. It has an address of its
 * own; `closeHref` is the list's. Put it as second child into `<WorkArea>`.
 */
export function SidePanel({
  label,
  header,
  closeHref,
  children,
  footer,
}: {
  label: string;
  header: ReactNode;
  closeHref: string;
  children: ReactNode;
  footer?: ReactNode;
}) {
  const router = useRouter();
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
      router.push(closeHref, { scroll: false });
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [router, closeHref]);
  return (
    <aside className="panel" aria-label={label} ref={panel} tabIndex={-1}>
      <header>
        {header}
        <IconLink icon={X} label="Close panel" href={closeHref} scroll={false} className="ml-auto" />
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
