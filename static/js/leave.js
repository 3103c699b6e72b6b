// A form with data-guard that was changed asks before its page is left.
(() => {
  'use strict';

  let dirty = false;

  document.addEventListener('input', (event) => {
    if (event.target.closest('form[data-guard]')) dirty = true;
  });

  document.addEventListener('submit', (event) => {
    if (event.target.matches('form[data-guard]')) dirty = false;
  });

  window.addEventListener('beforeunload', (event) => {
    if (dirty) event.preventDefault();
  });
})();
