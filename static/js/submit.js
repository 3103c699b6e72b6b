// A form that loads a page is submitted once: its buttons rest until the page is shown again. One that downloads may
// be sent again, because its page stays.
(() => {
  'use strict';

  const buttons = (form) => form.querySelectorAll('button:not([type=button]), input[type=submit]');

  const rest = (form) => {
    form.setAttribute('aria-busy', 'true');
    buttons(form).forEach((button) => { button.disabled = true; });
  };

  const wake = (form) => {
    form.removeAttribute('aria-busy');
    buttons(form).forEach((button) => { button.disabled = false; });
  };

  // After this turn, because a button disabled at once would not be part of what is sent.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || form.matches('[hx-post], [data-download]') || event.defaultPrevented) return;
    setTimeout(() => rest(form));
  });

  window.addEventListener('pageshow', () => {
    document.querySelectorAll('form[aria-busy]').forEach(wake);
  });
})();
