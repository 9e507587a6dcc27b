import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** What is wrong with a field of a form, by its name. */
export type Faults = Readonly<Record<string, string>>;

/** What a control gets from its field. */
export interface ControlProps {
  readonly id: string;
  readonly name: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly faults: Faults;
  readonly children: (control: ControlProps) => ComponentChildren;
}

/** A label, its control, a hint, and what is wrong with what was filled in. */
export function Field({ name, label, hint, faults, children }: FieldProps) {
  const id = `field-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, name, 'aria-invalid': name in faults, 'aria-describedby': `${id}-hint ${id}-fault` })}
      <p id={`${id}-hint`} class="hint">
        {hint}
      </p>
      <FieldFault id={`${id}-fault`} fault={faults[name]} />
    </div>
  );
}

interface ChoicesProps {
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly faults: Faults;
  readonly onChoose?: (value: string) => void;
}

/** One of several, as radio buttons. */
export function Choices({ name, legend, choices, faults, onChoose }: ChoicesProps) {
  const fault = faults[name];
  return (
    <fieldset aria-describedby={`field-${name}-fault`}>
      <legend>{legend}</legend>
      <FieldFault id={`field-${name}-fault`} fault={fault} />
      {choices.map(({ value, label }) => (
        <label key={value} class="choice">
          <input
            type="radio"
            name={name}
            value={value}
            aria-invalid={fault !== undefined}
            onChange={() => onChoose?.(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

function FieldFault({ id, fault }: { id: string; fault: string | undefined }) {
  return (
    <p id={id} class="fault">
      {fault}
    </p>
  );
}

/** Puts the focus on the first control that is wrong, whenever a form was found faulty anew. */
export function useFocusOnFault(faults: Faults) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [faults]);
  return form;
}

/** What was filled in, without blanks around it. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
