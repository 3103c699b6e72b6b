// A refused or lost request shows the words for its case; polls leave that to the live word.
(() => {
  'use strict';

  const banner = document.getElementById('net-error');
  if (!banner) return;

  const show = (name) => {
    const cases = Array.from(banner.querySelectorAll('[data-case]'));
    const fits = cases.find((one) => one.dataset.case === name) || cases.find((one) => one.dataset.case === 'other');
    cases.forEach((one) => { one.hidden = one !== fits; });
    banner.hidden = false;
  };

  const nameOf = (status) => (status >= 500 ? '5xx' : String(status));

  const unlessPoll = (handle) => (event) => {
    if (!event.detail.elt.matches('[data-poll]')) handle(event);
  };

  document.addEventListener('htmx:responseError', unlessPoll((event) => show(nameOf(event.detail.xhr.status))));
  document.addEventListener('htmx:sendError', unlessPoll(() => show('offline')));
  document.addEventListener('htmx:timeout', unlessPoll(() => show('timeout')));
  document.addEventListener('htmx:beforeRequest', unlessPoll(() => { banner.hidden = true; }));

  // A refusal that says how it wants to be swapped brings its own words.
  document.addEventListener('htmx:beforeSwap', (event) => {
    const { requestConfig, xhr } = event.detail;
    if (xhr.status < 400 || !xhr.getResponseHeader('HX-Reswap') || requestConfig.elt.matches('[data-poll]')) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
})();
