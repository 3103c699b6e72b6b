// Relative times go on counting, rounded as the server rounds them; a click on one shows its full date.
(() => {
  'use strict';

  const DAY = 24 * 3600;

  // The sentences are in the page, in the language of the reader.
  const said = document.body.dataset;

  const span = (seconds, minutes, hours) => {
    const [sentence, length] = seconds < 3600 ? [minutes, 60] : [hours, 3600];
    return sentence.replace('{n}', Math.max(1, Math.round(seconds / length)));
  };

  const words = (seconds) => {
    if (seconds <= -60) return span(-seconds, said.inMinutes, said.inHours);
    if (seconds < 0) return said.soon;
    return seconds < 45 ? said.justNow : span(seconds, said.minutesAgo, said.hoursAgo);
  };

  const update = () => {
    for (const time of document.querySelectorAll('time[data-ago]:not([data-full])')) {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      if (Math.abs(seconds) < DAY) time.textContent = words(seconds);
    }
  };

  document.addEventListener('click', (event) => {
    const time = event.target.closest('time[data-ago]');
    if (!time || time.closest('a, button')) return;
    if (time.toggleAttribute('data-full')) time.textContent = time.title;
    else update();
  });

  // What a poll brought may have been kept by the browser for some time.
  document.addEventListener('htmx:afterSettle', update);
  setInterval(update, 30 * 1000);
})();
