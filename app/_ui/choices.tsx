import type { ComponentPropsWithRef, ReactNode } from 'react';
import { cx } from './cx.ts';

export type Choice<V extends string> = {
  value: V;
  label: string;
  /** A second, quieter line. */
  note?: ReactNode;
  disabled?: boolean | undefined;
};

type ChoiceProps<V extends string> = {
  /** Form name shared by the radios. */
  name: string;
  choices: ReadonlyArray<Choice<V>>;
  value?: V | undefined;
  defaultValue?: V | undefined;
  onChange?: ((value: V) => void) | undefined;
  label?: string | undefined;
  labelledBy?: string | undefined;
  describedBy?: string | undefined;
};

function radioProps<V extends string>(
  props: ChoiceProps<V>,
  choice: Choice<V>,
): ComponentPropsWithRef<'input'> {
  const { name, value, defaultValue, onChange } = props;
  return {
    type: 'radio',
    name,
    value: choice.value,
    ...(choice.disabled ? { disabled: true } : {}),
    ...(value === undefined
      ? { defaultChecked: defaultValue === choice.value }
      : { checked: value === choice.value }),
    ...(onChange || value !== undefined ? { onChange: () => onChange?.(choice.value) } : {}),
  };
}

function groupProps<V extends string>({ label, labelledBy, describedBy }: ChoiceProps<V>) {
  return {
    role: 'radiogroup',
    'aria-label': label,
    'aria-labelledby': labelledBy,
    'aria-describedby': describedBy,
  };
}

/** Two to four short choices side by side. */
export function Segmented<V extends string>({
  small,
  ...props
}: ChoiceProps<V> & { small?: boolean | undefined }) {
  return (
    <span className={cx('seg', small && 'sm')} {...groupProps(props)}>
      {props.choices.map((choice) => (
        <label key={choice.value}>
          <input {...radioProps(props, choice)} />
          {choice.label}
        </label>
      ))}
    </span>
  );
}

/** Choices as tiles in a grid: a name and one quiet line. */
export function RadioTiles<V extends string>(props: ChoiceProps<V>) {
  return (
    <div className="tiles" {...groupProps(props)}>
      {props.choices.map((choice) => (
        <label className="tile" key={choice.value}>
          <input {...radioProps(props, choice)} />
          <b>{choice.label}</b>
          {choice.note && <span>{choice.note}</span>}
        </label>
      ))}
    </div>
  );
}

/** Choices in a list, each with the sentence that says what it does. */
export function RadioCards<V extends string>(props: ChoiceProps<V>) {
  return (
    <div className="opts" {...groupProps(props)}>
      {props.choices.map((choice) => (
        <label key={choice.value}>
          <input className="radio" {...radioProps(props, choice)} />
          <span>
            <b>{choice.label}</b>
            {choice.note && <span>{choice.note}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

/** A tick with its sentence. */
export function Checkbox({ children, className, ...rest }: ComponentPropsWithRef<'input'>) {
  return (
    <label className={cx('row', className)}>
      <input {...rest} type="checkbox" className="check" />
      {children}
    </label>
  );
}

/** On or off, at once or with the form; children say what the present state means. */
export function Switch({ children, className, ...rest }: ComponentPropsWithRef<'input'>) {
  return (
    <label className={cx('row min-h-8', className)}>
      <input {...rest} type="checkbox" className="sw" />
      {children && <span className="text-text-2">{children}</span>}
    </label>
  );
}
