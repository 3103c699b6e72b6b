// A poll names the version it shows, so that the server can answer 304 instead of the same bytes again.
(() => {
  'use strict';

  const shown = new WeakMap();

  const forget = (element) => {
    for (let up = element; up; up = up.parentElement) shown.delete(up);
    for (const inner of element.querySelectorAll('[data-poll]')) shown.delete(inner);
  };

  document.addEventListener('htmx:configRequest', (event) => {
    const { elt, headers } = event.detail;
    if (elt.matches('[data-poll]') && shown.has(elt)) headers['If-None-Match'] = shown.get(elt);
  });

  for (const kind of ['htmx:beforeSwap', 'htmx:oobBeforeSwap']) {
    document.addEventListener(kind, (event) => {
      if (event.detail.shouldSwap && event.detail.target) forget(event.detail.target);
    });
  }

  // An outer swap replaces the element, so the version belongs to the one that now has its id.
  document.addEventListener('htmx:afterRequest', (event) => {
    const { requestConfig: { elt }, xhr } = event.detail;
    if (!elt.matches('[data-poll]') || xhr.status !== 200) return;
    const etag = xhr.getResponseHeader('ETag');
    const now = elt.isConnected ? elt : document.getElementById(elt.id);
    if (etag && now) shown.set(now, etag);
  });
})();
