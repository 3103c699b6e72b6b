// Toasts leave after nine seconds, unless kept, or while the pointer or the focus is on them.
(() => {
  'use strict';

  const SECONDS = 9;
  const region = document.getElementById('toasts');
  if (!region) return;

  const leave = (toast) => {
    if (toast.matches(':hover, :focus-within')) wait(toast);
    else toast.remove();
  };

  const wait = (toast) => setTimeout(() => leave(toast), SECONDS * 1000);

  const start = (node) => {
    if (node.nodeType === Node.ELEMENT_NODE && node.matches('[data-toast]:not([data-keep])')) wait(node);
  };

  Array.from(region.children).forEach(start);
  new MutationObserver((changes) => {
    changes.forEach((change) => change.addedNodes.forEach(start));
  }).observe(region, { childList: true });

  // An undo that has been taken needs no toast any more.
  region.addEventListener('htmx:beforeRequest', (event) => {
    event.target.closest('[data-toast]').hidden = true;
  });
  region.addEventListener('htmx:afterRequest', (event) => {
    const toast = event.target.closest('[data-toast]');
    if (!toast) return;
    if (event.detail.successful) toast.remove();
    else toast.hidden = false;
  });

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-dismiss]');
    if (!button) return;
    const toast = button.closest('[data-toast]');
    if (toast) toast.remove();
    else button.closest('.banner').hidden = true;
  });
})();
