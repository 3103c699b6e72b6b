// A form with data-draft is kept in this browser while it is filled in, for seven days, until the server has taken it.
(() => {
  'use strict';

  const PREFIX = 'draft:';
  const KEPT_FOR = 7 * 24 * 3600 * 1000;
  const WAIT = 300;

  const nameOf = (form) => `${PREFIX}${form.dataset.owner}:${form.dataset.draft}`;

  // A browser may refuse to keep anything; then a form is what it always was.
  const attempt = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };

  const read = (name) => attempt(() => JSON.parse(localStorage.getItem(name)));
  const forget = (name) => attempt(() => localStorage.removeItem(name));
  const names = () => attempt(() => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) || [];

  // What the form was opened on is kept with it, so that the server still sees who was first.
  const controls = (form) => Array.from(form.elements).filter((one) => one.name && one.name !== 'csrf_token');
  const isTick = (one) => one.type === 'checkbox' || one.type === 'radio';

  const save = (form) => {
    const values = controls(form).map((one) => [one.name, isTick(one) ? `${one.value}=${one.checked}` : one.value]);
    attempt(() => localStorage.setItem(nameOf(form), JSON.stringify({ at: Date.now(), values })));
  };

  const isVisible = ([name]) => name !== 'form_key' && name !== 'version' && name !== 'view' && !name.startsWith('was-');

  const bring = (form, values) => {
    // With data-draft-typed the form was opened anew: only what was typed comes back.
    const left = values.filter((pair) => !form.hasAttribute('data-draft-typed') || isVisible(pair));
    for (const one of controls(form)) {
      const at = left.findIndex(([name, value]) => name === one.name
        && (!isTick(one) || value.startsWith(`${one.value}=`)));
      if (at < 0) continue;
      const [[, value]] = left.splice(at, 1);
      if (isTick(one)) one.checked = value.endsWith('=true');
      else one.value = value;
      if (form.hasAttribute('data-draft-typed')) one.dispatchEvent(new Event('input', { bubbles: true }));
    }
  };

  const say = (form, at) => {
    const note = form.querySelector('[data-drafted]');
    if (!note) return;
    const zone = document.body.dataset.zone || undefined;
    const { lang } = document.documentElement;
    const format = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
    note.querySelector('[data-drafted-at]').textContent = format.format(at);
    note.hidden = false;
  };

  const shown = (form) => JSON.stringify(controls(form).map((one) => [one.name, isTick(one) ? one.checked : one.value])
    .filter(isVisible));

  const open = (form) => {
    // An answer of the server holds what was typed already, merged with what others did since.
    if (form.hasAttribute('data-answered')) return save(form);
    const draft = read(nameOf(form));
    if (!draft) return undefined;
    const before = shown(form);
    bring(form, draft.values);
    return shown(form) === before ? forget(nameOf(form)) : say(form, draft.at);
  };

  const keyOf = (name) => {
    const draft = read(name);
    const pair = draft && draft.values.find(([field]) => field === 'form_key');
    return pair && pair[1];
  };

  const sent = Array.from(document.querySelectorAll('[data-sent]'), (one) => one.dataset.sent);
  for (const name of names()) {
    const draft = read(name);
    if (!draft || Date.now() - draft.at > KEPT_FOR || sent.includes(keyOf(name))) forget(name);
  }
  document.querySelectorAll('form[data-draft]').forEach(open);
  // A dialog arrives later; its form is opened once.
  document.addEventListener('htmx:load', ({ detail }) => {
    if (detail.elt.matches('dialog')) detail.elt.querySelectorAll('form[data-draft]').forEach(open);
  });

  const waiting = new Map();
  const stopWaiting = (form) => {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
  };
  const saveNow = (form) => {
    stopWaiting(form);
    save(form);
  };
  // A save that still waits would bring back what was just sent.
  const drop = (form) => {
    stopWaiting(form);
    forget(nameOf(form));
  };

  for (const kind of ['input', 'change']) {
    document.addEventListener(kind, ({ target }) => {
      const form = target.closest('form[data-draft]');
      if (!form) return;
      stopWaiting(form);
      waiting.set(form, setTimeout(saveNow, WAIT, form));
    });
  }
  // A dialog that closes takes its form along.
  document.addEventListener('close', ({ target }) => {
    Array.from(waiting.keys()).filter((form) => target.contains(form)).forEach(saveNow);
  }, true);
  window.addEventListener('pagehide', () => Array.from(waiting.keys()).forEach(saveNow));

  document.addEventListener('click', ({ target }) => {
    const form = target.closest('[data-draft-drop]') && target.closest('form');
    if (!form) return;
    drop(form);
    window.location.replace(window.location.pathname);
  });

  document.addEventListener('htmx:afterRequest', ({ detail }) => {
    const { elt } = detail.requestConfig;
    if (detail.successful && detail.xhr.status < 300 && elt.matches('form[data-draft]')) drop(elt);
  });

  // Whoever logs out leaves this browser to others.
  document.addEventListener('submit', ({ target }) => {
    if (!target.matches('form[action="/logout"]')) return;
    Array.from(waiting.keys()).forEach(stopWaiting);
    names().forEach(forget);
  });
})();
