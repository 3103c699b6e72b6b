// data-reveal shows what is typed into the password fields of its form, and hides it again before it is sent.
(() => {
  'use strict';

  const show = (form, on) => {
    form.querySelectorAll('[autocomplete$="-password"]').forEach((field) => { field.type = on ? 'text' : 'password'; });
    form.querySelectorAll('[data-reveal]').forEach((button) => button.setAttribute('aria-pressed', String(on)));
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-reveal]');
    if (button) show(button.form, button.getAttribute('aria-pressed') !== 'true');
  });

  // A browser offers to keep only what it knows to be a password.
  document.addEventListener('submit', (event) => {
    if (event.target.querySelector('[data-reveal]')) show(event.target, false);
  });
})();
