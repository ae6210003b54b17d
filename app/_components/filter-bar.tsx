'use client';

import { Popover } from '@base-ui/react/popover';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../_ui/button.tsx';
import { AddChip, Chip } from '../_ui/chip.tsx';
import { SearchInput, TextInput } from '../_ui/inputs.tsx';
import { listParams, useListUrl, type ListUrl } from './list-url.ts';
import { isTyping } from './use-shortcuts.ts';

type FilterOption = { value: string; label: string };

/** One filter of a list; `param` is its name in the address. */
export type Filter = { param: string; name: string } & (
  | { kind: 'choice'; options: ReadonlyArray<FilterOption> }
  | { kind: 'text'; placeholder?: string | undefined }
);

/** The bar above a list: search (`/`), one removable chip per filter in force, and the chip that adds one. */
export function FilterBar({
  searchLabel,
  searchWidth,
  filters,
  children,
}: {
  /** Without it the list has no search. */
  searchLabel?: string | undefined;
  searchWidth?: number | undefined;
  filters: ReadonlyArray<Filter>;
  children?: ReactNode;
}) {
  const params = filters.map((filter) => filter.param);
  const url = useListUrl([listParams.search, ...params]);
  const active = filters.filter((filter) => url.values[filter.param]);
  const inactive = filters.filter((filter) => !url.values[filter.param]);
  const canClear = active.length > 0 || Boolean(url.values[listParams.search]);
  return (
    <search className="bar" aria-label="Filters">
      {searchLabel && <ListSearch label={searchLabel} width={searchWidth} url={url} />}
      {active.map((filter) => (
        <Chip
          key={filter.param}
          name={filter.name}
          value={shownValue(filter, url.values[filter.param] ?? '')}
          onRemove={() => url.set({ [filter.param]: null })}
        />
      ))}
      {inactive.length > 0 && (
        <AddFilter filters={inactive} onAdd={(param, value) => url.set({ [param]: value })} />
      )}
      {canClear && (
        <Button
          variant="quiet"
          className="h-6 text-xs"
          onClick={() =>
            url.set(Object.fromEntries([listParams.search, ...params].map((param) => [param, null])))
          }
        >
          Clear
        </Button>
      )}
      {children}
    </search>
  );
}

function shownValue(filter: Filter, value: string): string {
  if (filter.kind === 'text') return value;
  return filter.options.find((option) => option.value === value)?.label ?? value;
}

function ListSearch({ label, width, url }: { label: string; width: number | undefined; url: ListUrl }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== '/' || event.metaKey || event.ctrlKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <SearchInput
      ref={input}
      label={label}
      placeholder={label}
      keys="/"
      width={width}
      value={url.values[listParams.search] ?? ''}
      onChange={(event) => url.setTyped({ [listParams.search]: event.target.value || null })}
    />
  );
}

function AddFilter({
  filters,
  onAdd,
}: {
  filters: ReadonlyArray<Filter>;
  onAdd: (param: string, value: string) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<Filter>();
  const add = (filter: Filter, value: string) => {
    if (value.trim() === '') return;
    onAdd(filter.param, value.trim());
    setOpen(false);
  };
  return (
    <Popover.Root
      open={isOpen}
      onOpenChange={(open) => {
        setOpen(open);
        if (open) setChosen(filters.length === 1 ? filters[0] : undefined);
      }}
    >
      <Popover.Trigger render={<AddChip />} />
      <Popover.Portal>
        <Popover.Positioner align="start" sideOffset={4} className="z-50">
          <Popover.Popup className="menu" aria-label="Add a filter">
            {chosen ? (
              <FilterValue filter={chosen} onPick={(value) => add(chosen, value)} />
            ) : (
              filters.map((filter) => (
                <button
                  key={filter.param}
                  type="button"
                  className="menu-item w-full"
                  onClick={() => setChosen(filter)}
                >
                  {filter.name}
                </button>
              ))
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function FilterValue({ filter, onPick }: { filter: Filter; onPick: (value: string) => void }) {
  if (filter.kind === 'choice') {
    return (
      <>
        <div className="menu-head">{filter.name}</div>
        {filter.options.map((option) => (
          <button
            key={option.value}
            type="button"
            className="menu-item w-full"
            onClick={() => onPick(option.value)}
          >
            {option.label}
          </button>
        ))}
      </>
    );
  }
  return (
    <form
      className="grid gap-2 p-1"
      action={(data) => {
        const value = data.get('value');
        if (typeof value === 'string') onPick(value);
      }}
    >
      <label className="text-xs text-text-3" htmlFor={`filter-${filter.param}`}>
        {filter.name}
      </label>
      <span className="row">
        <TextInput id={`filter-${filter.param}`} name="value" small placeholder={filter.placeholder} />
        <Button type="submit">Apply</Button>
      </span>
    </form>
  );
}
