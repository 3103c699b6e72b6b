// Every request of htmx carries the CSRF token of the page.
(() => {
  'use strict';

  const token = document.querySelector('meta[name="csrf-token"]');

  document.addEventListener('htmx:configRequest', (event) => {
    if (token && event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = token.content;
  });
})();
