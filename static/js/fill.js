// data-fill="id" writes the button's value into that field; the person sees it and may change it.
(() => {
  'use strict';

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-fill]');
    if (!button) return;
    const field = document.getElementById(button.dataset.fill);
    field.value = button.value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
  });
})();
