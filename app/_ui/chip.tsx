'use client';

import { Plus, X } from 'lucide-react';
import type { ComponentPropsWithRef } from 'react';
import { Icon } from './icon.tsx';

/** An active filter: its name, its value, and a button that takes it off. */
export function Chip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  return (
    <span className="chip">
      <span className="k">{name}</span>
      <span className="v">{value}</span>
      <button type="button" aria-label={`Remove filter ${name}`} onClick={onRemove}>
        <Icon icon={X} size={12} />
      </button>
    </span>
  );
}

/** The dashed chip that opens the list of filters. */
export function AddChip({ children = 'Filter', ...rest }: ComponentPropsWithRef<'button'>) {
  return (
    <button {...rest} type="button" className="chip add">
      <Icon icon={Plus} size={12} />
      {children}
    </button>
  );
}
