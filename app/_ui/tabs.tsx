'use client';

import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

export type TabPane = { id: string; label: ReactNode; pane: ReactNode };

/** Tabs inside a panel or page; arrow keys move between them. Panes that are not shown are not rendered. */
export function Tabs({
  tabs,
  defaultTab,
  label,
}: {
  tabs: ReadonlyArray<TabPane>;
  defaultTab?: string;
  label: string;
}) {
  return (
    <Base.Root defaultValue={defaultTab ?? tabs[0]?.id ?? null}>
      <Base.List className="tabs" aria-label={label}>
        {tabs.map((tab) => (
          <Base.Tab key={tab.id} value={tab.id}>
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.id} value={tab.id}>
          {tab.pane}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
