import type { ComponentChildren } from 'preact';
import { type Place, pathOf } from './address.ts';

interface PlaceLinkProps {
  readonly to: Place;
  readonly onGo: () => void;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A link within the page: signed in people stay signed in. With a modifier key it opens elsewhere, as any link does. */
export function PlaceLink({ to, onGo, children, class: style = '' }: PlaceLinkProps) {
  return (
    <a
      class={style}
      href={pathOf(to)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        onGo();
      }}
    >
      {children}
    </a>
  );
}
