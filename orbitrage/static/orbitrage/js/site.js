// Small behaviours named by data attributes. Every page works without them.
(() => {
  "use strict";

  function toggleNavigation(button) {
    const navigation = document.getElementById(button.getAttribute("aria-controls"));
    const isOpening = navigation.hasAttribute("data-collapsed");
    navigation.toggleAttribute("data-collapsed", !isOpening);
    button.setAttribute("aria-expanded", String(isOpening));
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu !== except) menu.removeAttribute("open");
    }
  }

  // A dialog is written open, so that it is there without scripts; showModal() wants it closed.
  function openDialog(dialog) {
    dialog.removeAttribute("open");
    dialog.showModal();
  }

  async function copyText(button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.setAttribute("data-copied", "");
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest(
      "[data-nav-toggle], [data-dialog-open], [data-dialog-close], [data-copy]",
    );
    closeMenus(event.target.closest("details[data-menu]"));
    if (!target) return;
    if (target.matches("[data-nav-toggle]")) toggleNavigation(target);
    if (target.matches("[data-dialog-open]")) {
      openDialog(document.getElementById(target.dataset.dialogOpen));
    }
    if (target.matches("[data-dialog-close]")) target.closest("dialog").close();
    if (target.matches("[data-copy]")) copyText(target);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });

  // What has the keyboard may be read again meanwhile: it goes on from the part that was read, where
  // htmx finds nothing of the same id.
  let isReadAgain = false;
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    isReadAgain = target !== document.activeElement && target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (!isReadAgain || target.contains(document.activeElement)) return;
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  });

  // Enter in one of these fields asks what it says, not for the form to be sent.
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches?.("[data-enter-reads] :is([type=text], [type=search])");
    if (event.key !== "Enter" || !isTyping) return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("change", (event) => {
    // A date changes with every figure typed: what is typed waits for the button.
    if (!event.target.matches("select, [type=checkbox], [type=radio]")) return;
    const form = event.target.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });

  // The second click of a double click sends nothing: the answer to the first would be lost.
  const SENT_AGAIN_MS = 1000;
  const sentAt = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const isAgain = event.timeStamp - (sentAt.get(event.target) ?? -Infinity) < SENT_AGAIN_MS;
    if (isAgain) event.preventDefault();
    else sentAt.set(event.target, event.timeStamp);
  });

  // The address says which form it is: going back to it leads to this one, not to a new one.
  const requestForm = document.getElementById("request-form");
  if (requestForm) {
    const { form_key: key, depth } = requestForm.elements;
    const address = new URLSearchParams({ form: key.value });
    if (depth) address.set("depth", depth.value);
    history.replaceState(history.state, "", `?${address}`);
  }

  // Signed out meanwhile, too large, or no answer: nothing on the page is replaced, but it says so.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestPath, responsePath } = event.detail.pathInfo;
    const isElsewhere = requestPath.split("?")[0] !== responsePath.split("?")[0];
    if (!event.detail.isError && !isElsewhere) return;
    event.detail.shouldSwap = false;
    sayFailure(event.detail);
  });
  document.addEventListener("htmx:sendError", (event) => sayFailure(event.detail));

  // In place of the target, unless there is something in it that must stay.
  function sayFailure({ elt, requestConfig, target }) {
    const { failure, failureAt } = (requestConfig?.elt ?? elt).dataset;
    const message = document.createElement("p");
    message.className = "notice notice--warning";
    message.textContent = failure;
    (document.getElementById(failureAt) ?? target).replaceChildren(message);
  }

  // Deferred scripts run once the page is whole.
  document.querySelector("[data-focus-on-load]")?.focus();
})();
