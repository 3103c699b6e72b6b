// Ctrl-K (Cmd-K on a Mac) opens the menu: pages and bookings that the server finds, and the acts of the present page.
(() => {
  'use strict';

  const MOST = 8;
  const CONTROLS = '#main :is(button, .btn):not(:disabled), #toasts button:not([data-dismiss])';
  const dialog = document.getElementById('menu');
  if (!dialog) return;

  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  const box = dialog.querySelector('[role=combobox]');
  const list = dialog.querySelector('[role=listbox]');
  const acts = dialog.querySelector('[data-menu-acts]');
  const blank = dialog.querySelector('template').content.firstElementChild;
  const word = dialog.querySelector('[role=status]');
  let controls = new Map(); // Each act that is offered, by its name.
  let goOn = false; // Enter was pressed before the answer had come.
  let isLost = false; // No answer came: then nothing is chosen by itself.

  const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const options = () => Array.from(list.querySelectorAll('[role=option]'));
  const active = () => list.querySelector('[aria-selected=true]');

  // The name that a screen reader says: without what is hidden from it, else that of the icon.
  const nameOf = (control) => {
    const copy = control.cloneNode(true);
    copy.querySelectorAll('[aria-hidden=true]').forEach((hidden) => hidden.remove());
    const speaking = control.querySelector('[role=img]');
    const text = copy.textContent.replace(/\s+/g, ' ').trim();
    return control.getAttribute('aria-label') || text || (speaking ? speaking.getAttribute('aria-label') : '');
  };

  const collect = () => {
    const seen = Array.from(document.querySelectorAll(CONTROLS)).filter((one) => one.checkVisibility());
    controls = new Map(seen.map((one) => [nameOf(one), one]).filter(([name]) => name).reverse());
  };

  const activate = (option) => {
    options().forEach((one, at) => {
      one.id = `menu-option-${at}`;
      one.setAttribute('aria-selected', String(one === option));
    });
    if (option) {
      box.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else box.removeAttribute('aria-activedescendant');
  };

  // The row that an act is about is named beside it, and finds it too.
  const rowOf = (name) => {
    const row = controls.get(name).closest('[data-row]');
    const title = row && row.querySelector('[data-open]');
    return title ? title.textContent.trim() : '';
  };

  const offer = (name) => {
    const option = blank.cloneNode(true);
    const about = option.querySelector('bdi');
    about.before(`${name} `);
    about.textContent = rowOf(name);
    option.dataset.act = name;
    return option;
  };

  // An act never stands before what is found by its name: Enter opens a booking sooner than it confirms one.
  const show = () => {
    const typed = plain(box.value).split(/[^\p{L}\p{N}]+/u);
    const begins = (name) => {
      const words = plain(`${name} ${rowOf(name)}`).split(/[^\p{L}\p{N}]+/u);
      return typed.every((one) => words.some((each) => each.startsWith(one)));
    };
    const fits = Array.from(controls.keys()).reverse().filter(begins);
    acts.querySelectorAll('[role=option]').forEach((one) => one.remove());
    acts.append(...fits.slice(0, MOST).map(offer));
    acts.hidden = fits.length === 0;
    if (box.value.trim()) list.append(acts);
    else list.prepend(acts);

    const all = options();
    const isWaiting = list.hasAttribute('aria-busy');
    box.setAttribute('aria-expanded', String(all.length > 0));
    word.textContent = all.length || isWaiting ? '' : word.dataset.nothing;
    activate(isWaiting || isLost || !box.value.trim() ? null : all[0]);
  };

  const choose = (option) => {
    const name = option.dataset.act;
    if (!name) return;
    let control = controls.get(name);
    if (!control.isConnected) { // The page has moved on meanwhile.
      collect();
      control = controls.get(name);
    }
    if (!control) return;
    control.focus();
    control.click();
  };

  const open = () => {
    if (document.querySelector('dialog[open]')) return;
    collect();
    box.value = '';
    list.setAttribute('aria-busy', 'true');
    dialog.showModal();
    box.focus();
    show();
    box.dispatchEvent(new Event('menu:opened'));
  };

  const move = (by) => {
    const all = options();
    const from = all.indexOf(active());
    if (all.length) activate(all[(from + by + all.length) % all.length]);
  };

  const keys = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(active() ? -1 : 0),
    Enter: () => {
      if (list.hasAttribute('aria-busy')) goOn = true;
      else if (active()) active().click();
    },
  };

  box.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.isComposing) return;
    event.preventDefault();
    keys[event.key]();
  });

  box.addEventListener('input', () => {
    goOn = false;
    list.setAttribute('aria-busy', 'true');
    show();
  });

  box.addEventListener('htmx:afterRequest', (event) => {
    if (event.detail.requestConfig.parameters.q !== box.value) return; // More was typed since.
    isLost = !event.detail.successful;
    list.removeAttribute('aria-busy');
    show();
    if (goOn && active()) active().click();
    goOn = false;
  });

  dialog.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (!option && event.target !== dialog) return;
    dialog.close();
    if (option) choose(option);
  });

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-menu]')) return;
    event.preventDefault();
    open();
  });

  document.addEventListener('keydown', (event) => {
    const held = isMac ? event.metaKey : event.ctrlKey;
    if (!held || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    open();
  });

  // With a script the link is a button: it opens the menu instead of the list of bookings.
  document.querySelectorAll('[data-menu]').forEach((link) => {
    link.setAttribute('role', 'button');
    link.setAttribute('aria-haspopup', 'dialog');
    link.addEventListener('keydown', (event) => {
      if (event.key !== ' ') return;
      event.preventDefault();
      open();
    });
    const hint = link.querySelector('kbd');
    if (isMac) hint.textContent = '⌘ K';
  });
})();
