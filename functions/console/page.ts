import type { Page } from '../ports/page.ts';

export interface PageAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The page finds out itself which of its views an address means. */
const viewPath = /^\/(alerts\/[A-Za-z0-9._-]{1,128})?$/;

/** Vite puts a hash of the content into the name of every such file: under one name it never changes. */
const assetPath = /^\/assets\/[A-Za-z0-9._-]+$/;
const assetCaching = 'public, max-age=31536000, immutable';

/**
 * What a browser, or a mail scanner, gets for a request. The page holds nothing of anybody and knows no way to change anything;
 * whoever opens it still has to sign in.
 * @param connectTo the origins that the page may call beside its own: those of the sign-in
 */
export function answerPage(
  page: Page,
  connectTo: readonly string[],
  { method, path }: { readonly method: string; readonly path: string },
): PageAnswer {
  const headers = securityHeaders(connectTo);
  if (method !== 'GET' && method !== 'HEAD')
    return plain(405, { ...headers, allow: 'GET, HEAD' }, 'This is a page: read it with GET.');
  const isAsset = assetPath.test(path);
  const file = isAsset ? page.get(path) : viewPath.test(path) ? page.get('/index.html') : undefined;
  if (file === undefined) return plain(404, headers, 'There is nothing at this address.');
  return {
    statusCode: 200,
    headers: {
      ...headers,
      'content-type': file.type,
      // The page itself is asked for anew each time: a deployment takes effect at once, and a browser keeps no view of it.
      'cache-control': isAsset ? assetCaching : 'no-store',
    },
    body: method === 'HEAD' ? '' : file.text,
  };
}

function plain(statusCode: number, headers: PageAnswer['headers'], body: string): PageAnswer {
  return {
    statusCode,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body,
  };
}

/** After the OWASP Secure Headers Project: everything that the page does not need is switched off. */
function securityHeaders(connectTo: readonly string[]): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(connectTo),
    'strict-transport-security': 'max-age=63072000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // An address holds an alert's id, and for a moment the sign-in's code.
    'referrer-policy': 'no-referrer',
    'permissions-policy': switchedOff.map((feature) => `${feature}=()`).join(', '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-robots-tag': 'noindex, nofollow',
  };
}

const switchedOff = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
];

/** No inline code or style, nothing from elsewhere, no frame around it, and no text that could become code. */
function contentSecurityPolicy(connectTo: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...connectTo].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
