// Toasts leave after nine seconds, or soon after they have counted down, unless kept or under the pointer or the focus.
(() => {
  'use strict';

  const SECONDS = 9;
  const AFTER_COUNTING = 3;
  const region = document.getElementById('toasts');
  if (!region) return;

  const leave = (toast) => {
    if (toast.matches(':hover, :focus-within')) wait(toast);
    else toast.remove();
  };

  const wait = (toast) => {
    const counting = toast.querySelector('[data-seconds]');
    const seconds = counting ? Number(counting.dataset.seconds) + AFTER_COUNTING : SECONDS;
    setTimeout(() => leave(toast), Math.max(seconds, SECONDS) * 1000);
  };

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
