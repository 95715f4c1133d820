// Progressive enhancement: without this script a form of the page navigates to the response. With it, the response appears
// below the form, and operators' forms send their token and JSON.
"use strict";

const texts = document.getElementById("response").dataset;
const token = document.getElementById("token");
if (token) token.parentElement.hidden = false;

/** Prefills the csrf fields from the cookie of the session, unless they were edited. The page itself contains no secret. */
function prefillCsrf() {
  const csrf = document.cookie.match(/(?:^|; *)bili_jct=([^;]*)/)?.[1] ?? "";
  for (const field of document.querySelectorAll("[name=csrf]")) field.defaultValue = csrf;
}

/** Returns the fields of a form that have a value. */
function filled(form) {
  return [...form.elements].filter((field) => field.name && field.value);
}

/** Returns the fields as a JSON object. */
function json(form, encode) {
  return `{${filled(form).map((field) => `${JSON.stringify(field.name)}:${encode(field)}`).join(",")}}`;
}

/** Returns the fields as a query or the body of a form. */
function query(form, encode) {
  return filled(form).map((field) => `${field.name}=${encode(field)}`).join("&");
}

const jsonValue = ({ value, dataset }) => ("raw" in dataset ? value : JSON.stringify(value));

/** Encodes a value so that a shell does not change it between double quotes either. */
const queryValue = ({ value }) => encodeURIComponent(value).replace(/[!']/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

/** Returns an encoding for commands, which name a variable instead of a secret. */
const withoutSecrets = (encode, quote) => (field) => ("secret" in field.dataset ? `${quote}$${field.name}${quote}` : encode(field));

const isMultipart = (form) => form.enctype === "multipart/form-data";

/** Returns an argument of a multipart request for each field. A file is named by a word to replace. */
function parts(form) {
  const value = withoutSecrets(queryValue, "");
  return filled(form).map((field) => `-F "${field.name}=${field.type === "file" ? "@FILE" : value(field)}"`);
}

/** Returns the request of a form: the URL and the arguments of fetch. */
function request(form) {
  const headers = token?.value ? { authorization: `Bearer ${token.value.trim()}` } : {};
  if (form.method === "get") return [`${form.action}?${query(form, queryValue)}`.replace(/\?$/, ""), { headers }];
  if (isMultipart(form)) return [form.action, { method: "POST", headers, body: new FormData(form) }];
  const isJson = "json" in form.dataset;
  headers["content-type"] = isJson ? "application/json" : "application/x-www-form-urlencoded";
  return [form.action, { method: "POST", headers, body: isJson ? json(form, jsonValue) : query(form, queryValue) }];
}

/** Returns the command that sends the request of a form. */
function curl(form) {
  const fields = query(form, withoutSecrets(queryValue, ""));
  const isGet = form.method === "get";
  const words = ["curl", `"${form.action}${isGet && fields ? `?${fields}` : ""}"`];
  if (form.dataset.credentials) words.push(form.dataset.credentials);
  if (isMultipart(form)) words.push(...parts(form));
  else if ("json" in form.dataset) words.push(`--json '${json(form, withoutSecrets(jsonValue, '"')).replaceAll("'", "'\\''")}'`);
  else if (!isGet) words.push(`-d "${fields}"`);
  return words.join(" ");
}

/** Indents JSON. Numbers remain as they are, while a parser would round those above 2^53. */
function indented(text) {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return text.replace(/"(?:\\.|[^"\\])*"|\[\s*\]|\{\s*\}|[{}[\],:]|\s+/g, (part) => {
    if ("{[".includes(part)) return part + (depth++, line());
    if ("}]".includes(part)) return (depth--, line()) + part;
    return { ",": `,${line()}`, ":": ": " }[part] ?? part.trim();
  });
}

/** Sends the request of a form. Returns a description of the response and its body. */
async function send(form) {
  const start = performance.now();
  try {
    const response = await fetch(...request(form));
    const text = await response.text();
    const facts = [`HTTP ${response.status}`, `code ${text.match(/^\{"code":(-?\d+)/)?.[1] ?? "none"}`, `${Math.round(performance.now() - start)} ms`];
    for (const name of ["guanxi-hint", "retry-after", "x-request-id"]) {
      if (response.headers.has(name)) facts.push(`${name}: ${response.headers.get(name)}`);
    }
    if (token && !token.value) facts.push(texts.noToken);
    return { facts, body: indented(text) };
  } catch {
    return { facts: [texts.noResponse], body: "" };
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  const { facts, body } = await send(form);
  form.ariaBusy = null;
  const shown = form.querySelector(".body");
  form.querySelector("[role=status]").replaceChildren(...facts.map((fact) => Object.assign(document.createElement("span"), { textContent: fact })));
  shown.textContent = body;
  shown.hidden = !body;
  prefillCsrf();
});

/** Shows the command of a form, and adds the element of the response. */
function showCommand(form) {
  if (!form.querySelector(".curl")) form.append(document.getElementById("response").content.cloneNode(true));
  form.querySelector(".curl pre").textContent = curl(form);
}

// The event does not bubble.
document.addEventListener("toggle", ({ target }) => showCommand(target.querySelector("form")), true);
document.addEventListener("input", ({ target }) => target.form && showCommand(target.form));

document.addEventListener("click", async ({ target }) => {
  if (!target.matches(".curl button")) return;
  // Without https there is no clipboard, so that the selected command is copied by hand.
  getSelection().selectAllChildren(target.previousElementSibling);
  await navigator.clipboard?.writeText(target.previousElementSibling.textContent);
  if (navigator.clipboard) target.textContent = texts.copied;
});

prefillCsrf();
