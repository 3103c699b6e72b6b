// data-dialog="id" opens that dialog, data-close closes its own; a dialog with data-modal opens as soon as it arrives.
(() => {
  'use strict';

  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-dialog]');
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    } else if (event.target.closest('[data-close]')) {
      event.target.closest('dialog').close();
    }
  });

  const openNew = () => {
    const dialog = document.querySelector('dialog[data-modal]:not([open])');
    if (!dialog) return;
    const opener = document.activeElement;
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (opener && opener.isConnected) opener.focus();
    }, { once: true });
    dialog.showModal();
  };

  document.addEventListener('htmx:afterSettle', openNew);
})();
