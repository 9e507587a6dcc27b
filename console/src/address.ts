/** Where somebody is on this page. Its address holds an alert's opaque id and nothing else. */
export type Place = { readonly view: 'list' } | { readonly view: 'alert'; readonly id: string };

const alertAddress = /^\/alerts\/([A-Za-z0-9._-]{1,128})$/;

/** The place of an address's path; whatever is none of the page's own is the list. */
export function placeOf(path: string): Place {
  const id = alertAddress.exec(path)?.[1];
  return id === undefined ? { view: 'list' } : { view: 'alert', id };
}

export function pathOf(place: Place): string {
  return place.view === 'list' ? '/' : `/alerts/${place.id}`;
}
