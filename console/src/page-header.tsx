import iconAddress from './icon.svg';
import { PlaceLink } from './place-link.tsx';

interface PageHeaderProps {
  /** Who is signed in; absent: nobody. */
  readonly staff?: string;
  readonly onHome?: () => void;
  readonly onSignOff?: () => void;
}

export function PageHeader({ staff, onHome, onSignOff }: PageHeaderProps) {
  const brand = (
    <>
      <img src={iconAddress} alt="" width="28" height="28" />
      Tandem
    </>
  );
  return (
    <header class="page-header">
      {onHome === undefined ? (
        <span class="brand">{brand}</span>
      ) : (
        <PlaceLink class="brand" to={{ view: 'list' }} onGo={onHome}>
          {brand}
        </PlaceLink>
      )}
      {staff !== undefined && (
        <div class="who">
          <span>
            Signed in as <strong>{staff}</strong>
          </span>
          <button type="button" class="quiet" onClick={onSignOff}>
            Sign off
          </button>
        </div>
      )}
    </header>
  );
}
