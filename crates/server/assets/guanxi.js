// Progressive enhancement: every page works without this script. With it, a form with data-live is submitted by fetch. The
// response is the page that the browser would have navigated to. Its <main>, or the element whose id data-live names, replaces
// that of the current page.
"use strict";

const parser = new DOMParser();
const texts = document.getElementById("status").dataset;

/** Shows a text in the live region, which each page has from the start. */
function tell(text, kind = "error") {
  const message = Object.assign(document.createElement("p"), { className: `flash ${kind}`, textContent: text });
  document.getElementById("status").replaceChildren(message);
}

/** Replaces the element of an id by that of the response page. The submitted form was in it. */
function replace(html, id, form) {
  const page = parser.parseFromString(html, "text/html");
  const [current, replacement] = [document.getElementById(id), page.getElementById(id)];
  if (!current || !replacement) return false;
  const focusedId = document.activeElement?.id;
  const openerId = form.closest("details[id]")?.id ?? document.activeElement?.closest("details[id]")?.id;
  const ticked = form.id === "many" ? [] : [...current.querySelectorAll("[name=mids]:checked")].map((box) => box.value);
  current.replaceWith(replacement);
  document.getElementById("news-link")?.replaceWith(page.getElementById("news-link") ?? "");
  document.title = page.title;
  for (const box of replacement.querySelectorAll("[name=mids]")) if (ticked.includes(box.value)) box.checked = true;
  const byId = (key) => (key ? document.getElementById(key) : null);
  const invalid = replacement.querySelector("[aria-invalid]");
  const flash = showFlash(replacement);
  // The field in error, the same button, the menu or fold of the form, the row or the one in its place, the message.
  const target = invalid ?? byId(focusedId) ?? byId(openerId)?.querySelector("summary") ?? flash?.closest("li") ?? flash ?? replacement;
  target.focus({ preventScroll: true });
  (flash ?? invalid)?.scrollIntoView({ block: "nearest" });
  return true;
}

/** Tells the flash message of a new part in the live region. The message itself moves there, unless it stands in a row or at a field. */
function showFlash(part) {
  const flash = part.querySelector("#flash");
  const status = document.getElementById("status");
  status.replaceChildren();
  if (!flash?.matches(".success")) return flash;
  if (!flash.closest("li")) {
    flash.removeAttribute("role");
    status.append(flash);
    return null;
  }
  const text = flash.querySelector("p").textContent;
  status.append(Object.assign(document.createElement("p"), { className: "visually-hidden", textContent: text }));
  return flash;
}

/** Returns true if the response redirected to another path, so that the browser has to navigate. */
function isOtherPage(response, form) {
  const [target, current] = [new URL(response.url), new URL(location.href)];
  return response.redirected && target.pathname !== current.pathname && !form.dataset.live;
}

/** Submits a form once. Returns the response and its page, or null if the response is incomplete. */
async function submit(form, button) {
  const data = new FormData(form, button);
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  const action = button?.hasAttribute("formaction") ? button.formAction : form.action;
  try {
    const response = await fetch(action, { method: "POST", body });
    return { response, page: await response.text() };
  } catch {
    return null;
  }
}

/** Shows the question of a response in a dialog over the form that it is about. The focus returns there afterwards. */
function ask(question) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", question.querySelector("h1").id);
  dialog.append(question);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("[data-cancel]")) return;
    event.preventDefault();
    dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** Shows in the form that the outcome is unknown. The write may have been executed, so the form is not submitted again. */
function showUnknownOutcome(form) {
  form.querySelector(".unknown")?.remove();
  const notice = document.getElementById("unknown-outcome").content.firstElementChild.cloneNode(true);
  notice.querySelector("a").href = location.href;
  form.append(notice);
  notice.focus();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  // Without a connection every form is sent by fetch, since a failed navigation loses what was typed.
  const isOffline = !navigator.onLine && form.method === "post";
  if (!isOffline && !form.matches("form[data-live]")) return;
  event.preventDefault();
  const button = event.submitter;
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  button?.setAttribute("aria-busy", "true");
  const result = await submit(form, button);
  form.ariaBusy = null;
  button?.removeAttribute("aria-busy");
  if (!result) return isOffline ? tell(texts.offline) : showUnknownOutcome(form);
  const { response, page } = result;
  const question = parser.parseFromString(page, "text/html").getElementById("confirm");
  if (question) return ask(question);
  form.closest("dialog")?.close();
  const id = form.dataset.live || "main";
  if (isOtherPage(response, form) || !replace(page, id, form)) return location.assign(response.url);
  const part = document.getElementById(id);
  if (part.matches("[data-poll]")) poll(part, response.url);
  initialize(part);
});

/** Shows the forms of passkeys in browsers that have them. Others, and those without the script, see none. */
function showPasskeys(part) {
  const isSupported = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  for (const form of part.querySelectorAll("[data-challenge]")) form.hidden = !isSupported;
}

/** Answers the challenge of a form with a passkey. Without a challenge the form is sent as it is, and the page shows why. */
async function answerChallenge(form) {
  const body = new URLSearchParams(form.elements.csrf.value && { csrf: form.elements.csrf.value });
  const response = await fetch(form.dataset.challenge, { method: "POST", body }).catch(() => null);
  const publicKey = (await response?.json().catch(() => null))?.data?.options.publicKey;
  if (!publicKey) return "-";
  const credential = publicKey.user
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  return JSON.stringify(credential);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const field = form.elements.credential;
  if (!form.matches("form[data-challenge]") || field.value) return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  field.value = await answerChallenge(form).catch(() => "");
  form.ariaBusy = null;
  if (!field.value) return tell(form.dataset.cancelled);
  form.submit();
  // A page that the browser restores later needs another answer.
  field.value = "";
});

/** Polls the status of a QR code while it is shown, until it expires or a login succeeds. */
function poll(part, url) {
  let isLost = false;
  const request = async () => {
    if (!part.isConnected) return;
    if (!document.hidden) {
      const response = await fetch(url).catch(() => null);
      if (isLost !== !response) tell(response ? texts.online : texts.retrying, response ? "success" : "error");
      isLost = !response;
      if (response?.redirected) return location.assign(response.url);
      if (response) {
        const page = parser.parseFromString(await response.text(), "text/html");
        const next = page.getElementById(part.id);
        if (next && next.innerHTML !== part.innerHTML) {
          part.replaceWith(next);
          part = next;
        }
        if (!part.matches("[data-poll]")) return;
      }
    }
    setTimeout(request, 2000);
  };
  setTimeout(request, 2000);
}

/** Adds suggestions, limits of files, character counters, and the box that ticks all, of an element that was inserted. */
function initialize(part) {
  showPasskeys(part);
  part.querySelectorAll("[data-suggest]").forEach(suggest);
  for (const field of part.querySelectorAll("[data-max-bytes]")) {
    const max = Number(field.dataset.maxBytes);
    const update = () => field.setCustomValidity(field.files[0]?.size > max ? field.dataset.tooLarge : "");
    field.addEventListener("change", update);
  }
  for (const all of part.querySelectorAll("[data-ticks]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const box of ticks(all.form)) box.checked = all.checked;
      countTicks(all.form);
    });
    countTicks(all.form);
  }
  for (const field of part.querySelectorAll("[data-count]")) {
    const output = field.form.querySelector("output");
    const update = () => {
      const length = [...field.value.normalize("NFC")].length;
      output.textContent = length;
      field.setCustomValidity(length > Number(field.dataset.count) ? field.dataset.tooLong : "");
    };
    field.addEventListener("input", update);
  }
}

/** Suggests members while a name is typed in a field: a combobox whose options are links to members. */
function suggest(input) {
  const list = Object.assign(document.createElement("ul"), { id: `${input.id}-options`, className: "options", role: "listbox", hidden: true });
  list.setAttribute("aria-label", input.labels[0].textContent.trim());
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) input.setAttribute(name, value);
  input.after(list);
  let timer, request, active;
  const select = (option) => {
    active?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    active = option;
  };
  const show = (options) => {
    select(null);
    list.replaceChildren(...options);
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const close = () => {
    clearTimeout(timer);
    request?.abort();
    show([]);
  };
  const option = (member, index) => {
    const item = Object.assign(document.createElement("li"), { id: `${list.id}-${index}`, role: "option" });
    item.setAttribute("aria-selected", "false");
    item.dataset.href = `/space/${member.mid}`;
    const name = Object.assign(document.createElement("bdi"), { textContent: member.uname || member.mid });
    const about = Object.assign(document.createElement("span"), { textContent: member.official_verify.desc || `UID ${member.mid}` });
    item.append(name, " ", about);
    return item;
  };
  const load = async () => {
    request = new AbortController();
    const query = new URLSearchParams({ q: input.value, ps: 8 });
    const response = await fetch(`/passport/members?${query}`, { signal: request.signal }).catch(() => null);
    const answer = await response?.json().catch(() => null);
    if (!answer || document.activeElement !== input) return;
    const members = answer.data?.list ?? [];
    show(members.map(option));
    const text = members.length ? input.dataset.found.replace("#", members.length) : input.dataset.none;
    document.getElementById("status").replaceChildren(Object.assign(document.createElement("p"), { className: "visually-hidden", textContent: text }));
  };
  input.addEventListener("input", (event) => {
    // The text of an input method is not typed yet.
    if (event.isComposing) return;
    clearTimeout(timer);
    request?.abort();
    if (input.value.trim()) timer = setTimeout(load, 200);
    else close();
  });
  input.addEventListener("compositionend", () => input.dispatchEvent(new Event("input")));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    const options = [...list.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) select(options.at((options.indexOf(active) + step + (active || step > 0 ? 0 : 1)) % options.length));
    else if (event.key === "Enter" && active) location.assign(active.dataset.href);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  // The field keeps the focus while an option is clicked.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("li");
    if (chosen) location.assign(chosen.dataset.href);
  });
  input.addEventListener("blur", close);
}

/** Returns the boxes of a form that its [data-ticks] box ticks. */
const ticks = (form) => [...form.elements].filter((field) => field.name === form.querySelector("[data-ticks]").dataset.ticks);

/** Shows the number of ticked boxes in the choice to which it belongs, and chooses it. */
function countTicks(form) {
  const [boxes, all, { scope }] = [ticks(form), form.querySelector("[data-ticks]"), form.elements];
  const count = boxes.filter((box) => box.checked).length;
  [all.checked, all.indeterminate] = [count === boxes.length, count > 0 && count < boxes.length];
  if (!scope) return;
  scope.options[0].label = count ? `${scope.options[0].text} (${count})` : scope.options[0].text;
  if (count) scope.value = scope.options[0].value;
}

document.addEventListener("change", (event) => {
  if (event.target.form?.querySelector("[data-ticks]") && ticks(event.target.form).includes(event.target)) countTicks(event.target.form);
});
addEventListener("offline", () => tell(texts.offline));
addEventListener("online", () => tell(texts.online, "success"));

// Menus close on a click outside, on Escape, and when the focus leaves them.
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest(".menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("dialog")) return;
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog")) return;
  for (const menu of document.querySelectorAll(".menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

initialize(document);
const code = document.querySelector("[data-poll]");
if (code) poll(code, location.href);
