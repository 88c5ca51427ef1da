// A form is sent once: a second press waits. Its key stays, so that even a form sent twice happens once.

export function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.isSent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.isSent = "yes";
    form.setAttribute("aria-busy", "true");
    // After the form's own values were read: a disabled button would not be sent with them.
    setTimeout(() => hold(form, true), 0);
  }, { capture: true });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach(free));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-once]");
    if (form) free(form);
  });
}

function hold(form, isHeld) {
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    button.disabled = isHeld || button.hasAttribute("data-is-off");
    button.classList.toggle("is-busy", isHeld);
  }
}

function free(form) {
  if (!form.dataset.isSent) return;
  delete form.dataset.isSent;
  form.removeAttribute("aria-busy");
  hold(form, false);
}
