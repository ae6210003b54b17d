// On the page that says the database is away: asks until it answers, then loads what was wanted.
(() => {
  const everyMs = 3000;
  const look = async () => {
    try {
      const answer = await fetch('/api/ready', { cache: 'no-store' });
      const { checks } = await answer.json();
      if (checks.database === 'ok') return location.reload();
    } catch {
      // The portal itself does not answer: it is asked again.
    }
    setTimeout(look, everyMs);
  };
  setTimeout(look, everyMs);
})();
