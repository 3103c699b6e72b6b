// Relative times go on counting; a click on one shows its full date.
(() => {
  'use strict';

  const DAY = 24 * 3600;

  const span = (seconds) => (seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`);

  const words = (seconds) => {
    if (seconds <= -60) return `in ${span(-seconds)}`;
    if (seconds < 0) return 'in a moment';
    return seconds < 60 ? 'just now' : `${span(seconds)} ago`;
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

  setInterval(update, 30 * 1000);
})();
