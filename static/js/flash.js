// A row that an act has changed flashes once.
(() => {
  'use strict';

  document.addEventListener('htmx:afterSettle', (event) => {
    const { elt, requestConfig } = event.detail;
    if (!requestConfig || requestConfig.verb === 'get' || !elt.matches('[data-row]')) return;
    elt.classList.add('flash');
    elt.addEventListener('animationend', () => elt.classList.remove('flash'), { once: true });
  });
})();
