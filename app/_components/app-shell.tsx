'use client';

import { usePathname } from 'next/navigation';
import { useEffect, useRef, useState, useTransition, type ReactNode } from 'react';
import { Banner } from '../_ui/banner.tsx';
import { RelativeTime } from '../_ui/time.tsx';
import { BannerSlot } from './banner-slot.tsx';
import { CommandPalette } from './command-palette.tsx';
import { useLive } from './live.ts';
import { useCrumbState } from './shell-context.tsx';
import type { ShellData } from './shell-model.ts';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { Sidebar } from './sidebar.tsx';
import { Topbar } from './topbar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/**
 * The frame of every signed-in page: sidebar, top bar, ⌘K palette, shortcuts, drawer below 900 px. Plain data in, so
 * the layout that renders it decides which pages exist. `banner` lies below the top bar and sticks with it.
 */
export function AppShell({
  data,
  signOut,
  banner,
  children,
}: {
  data: ShellData;
  /** A server action. */
  signOut: () => Promise<void>;
  banner?: ReactNode;
  children: ReactNode;
}) {
  const pathname = usePathname();
  const [overlay, setOverlay] = useState<'none' | 'drawer' | 'palette' | 'help'>('none');
  const [, startTransition] = useTransition();
  const live = useLive(data.liveHref);
  const { crumb, provide } = useCrumbState();
  const main = useRef<HTMLDivElement>(null);
  const close = () => setOverlay('none');
  useShortcuts(data, pathname, {
    openPalette: () => setOverlay('palette'),
    openHelp: () => setOverlay('help'),
  });
  const [shownAt, setShownAt] = useState(pathname);
  if (shownAt !== pathname) {
    setShownAt(pathname);
    setOverlay('none');
  }
  useDrawer(overlay === 'drawer', main, close);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Sidebar
        data={data}
        pathname={pathname}
        open={overlay === 'drawer'}
        onClose={close}
        onSearch={() => setOverlay('palette')}
        onSignOut={() => startTransition(signOut)}
      />
      <div className="main" ref={main}>
        <Topbar
          data={data}
          pathname={pathname}
          crumb={crumb}
          live={live}
          onMenu={() => setOverlay('drawer')}
          onSearch={() => setOverlay('palette')}
          onHelp={() => setOverlay('help')}
        />
        {live === 'database_away' && <DatabaseAway />}
        {banner}
        {provide(children)}
      </div>
      <CommandPalette
        data={data}
        pathname={pathname}
        open={overlay === 'palette'}
        onOpenChange={(open) => setOverlay(open ? 'palette' : 'none')}
      />
      <ShortcutsDialog
        data={data}
        pathname={pathname}
        open={overlay === 'help'}
        onOpenChange={(open) => setOverlay(open ? 'help' : 'none')}
      />
    </div>
  );
}

/** Stands while the stream says so; since it was told. */
function DatabaseAway() {
  const [since] = useState(() => new Date().toISOString());
  return (
    <BannerSlot>
      <Banner
        tone="red"
        glyph="database"
        title="The database does not answer."
        since={
          <>
            since <RelativeTime iso={since} style="clock" />
          </>
        }
      >
        New mail is refused with 503, so that callers keep it. What you see may be old.
      </Banner>
    </BannerSlot>
  );
}

/** While the drawer is open the page behind it takes no focus; Escape and a press beside it close it. */
function useDrawer(open: boolean, main: React.RefObject<HTMLDivElement | null>, close: () => void) {
  const latestClose = useRef(close);
  useEffect(() => {
    latestClose.current = close;
  });
  useEffect(() => {
    if (!open) return undefined;
    const page = main.current;
    const before = document.activeElement;
    page?.setAttribute('inert', '');
    document.querySelector<HTMLElement>('#nav .only-phone')?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') latestClose.current();
    };
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Element && !event.target.closest('#nav, [role="menu"]'))
        latestClose.current();
    };
    addEventListener('keydown', onKey);
    addEventListener('pointerdown', onPress);
    return () => {
      page?.removeAttribute('inert');
      removeEventListener('keydown', onKey);
      removeEventListener('pointerdown', onPress);
      if (before instanceof HTMLElement) before.focus();
    };
  }, [open, main]);
}
