// Every request of htmx carries the CSRF token of the page; so does a form of a fragment that is sent before htmx knows it.
(() => {
  'use strict';

  const token = document.querySelector('meta[name="csrf-token"]');

  document.addEventListener('htmx:configRequest', (event) => {
    if (token && event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = token.content;
  });

  document.addEventListener('submit', ({ target, defaultPrevented }) => {
    if (!token || defaultPrevented || target.method !== 'post' || target.elements.csrf_token) return;
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name: 'csrf_token', value: token.content });
    target.append(field);
  });
})();
