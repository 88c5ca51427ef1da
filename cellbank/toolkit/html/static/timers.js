// Running times: how long something has been out, how old a temperature is.

export function spell(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${two(minutes)}:${two(whole % 60)}`;
}

export function runTimers() {
  tick();
  setInterval(tick, 1000);
}

function tick() {
  for (const timer of document.querySelectorAll("time[data-since]")) {
    const seconds = (Date.now() - Date.parse(timer.dataset.since)) / 1000;
    timer.textContent = spell(seconds);
    const isBeyond = (limit) => limit && seconds >= Number(limit);
    timer.classList.toggle("is-red", Boolean(isBeyond(timer.dataset.red)));
    timer.classList.toggle("is-amber", Boolean(isBeyond(timer.dataset.amber) && !isBeyond(timer.dataset.red)));
  }
}
