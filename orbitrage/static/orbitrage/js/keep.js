// Keeps what is typed in a form (form[data-keep]) some seconds after a change, and says when. A page
// without scripts keeps it whenever the form is sent.
(() => {
  "use strict";

  const QUIET_MS = 1500;
  const AGAIN_MS = 10000;
  const LONGEST_MS = 5000;
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const said = form.querySelector("[data-keep-said]");
  let timer = 0;
  let underWay = null;
  let isHeldBack = false;
  let isChanged = false;
  let isOver = false;

  // All but the files: those were read as soon as they were chosen.
  function typed() {
    const data = new FormData(form);
    for (const input of form.querySelectorAll("[type=file]")) data.delete(input.name);
    return new URLSearchParams(data);
  }

  function say(words, { isRefused = false } = {}) {
    said.textContent = words;
    said.toggleAttribute("data-refused", isRefused);
  }

  function later(wait_ms) {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(keep, wait_ms);
  }

  function keep() {
    underWay ??= send().finally(() => (underWay = null));
  }

  async function send() {
    isChanged = false;
    let wait_ms = QUIET_MS;
    try {
      const options = { method: "POST", body: typed(), redirect: "manual" };
      await hear(await fetch(form.dataset.keep, options));
    } catch {
      if (isOver) return;
      say(said.dataset.offline, { isRefused: true });
      isChanged = true;
      wait_ms = AGAIN_MS;
    }
    if (isChanged) later(wait_ms);
  }

  async function hear(answer) {
    const isJson = (answer.headers.get("content-type") ?? "").startsWith("application/json");
    if (!isJson && answer.status >= 500) throw new Error(answer.statusText);
    if (!isJson) return say(said.dataset.stale, { isRefused: true });
    const told = await answer.json();
    say(told.said ?? "", { isRefused: !answer.ok });
    if (!answer.ok) return end();
    form.elements.form_version.value = told.version;
    history.replaceState(history.state, "", told.address);
  }

  // Another window has the form: this one keeps nothing any more, and shows what was typed.
  function end() {
    isOver = true;
    clearTimeout(timer);
  }

  function change(event) {
    if (event.target.type === "file") return;
    isChanged = true;
    later(QUIET_MS);
  }

  form.addEventListener("input", change);
  form.addEventListener("change", change);
  // An area that was read belongs to the form.
  form.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "area-said") change(event);
  });
  window.addEventListener("online", () => isChanged && later(0));

  // What is sent is kept by the page that takes it; after what is being kept, whose version it needs.
  // What somebody else holds back is not sent.
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    end();
    if (!underWay) return;
    event.preventDefault();
    if (isHeldBack) return;
    isHeldBack = true;
    await Promise.race([underWay, new Promise((done) => setTimeout(done, LONGEST_MS))]);
    underWay = null;
    isHeldBack = false;
    form.requestSubmit(event.submitter);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isOver = false;
  });
  window.addEventListener("pagehide", () => {
    if (!isChanged || isOver) return;
    fetch(form.dataset.keep, { method: "POST", body: typed(), keepalive: true }).catch(() => {});
  });
})();
