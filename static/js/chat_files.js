/* Files of the chat: shown by links that end soon and are asked for again, and sent one at a time. */

const LARGEST = 10 * 1024 * 1024;
const LINK_MS = 10 * 60_000; // the server's last 15 minutes
const TRIES = 5;
const FIRST_MS = 400; // what was just sent is handed over a moment after it was taken

const size = (bytes) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** Show a message's files in `box`: pictures as themselves, others by name. */
export function show(box, files, page, mine) {
  box.replaceChildren(...files.map((file) => shownFile(file, page, mine)));
}

function shownFile(file, page, mine) {
  const { make } = page;
  if (!file.is_kept) return make("span", "file", `${file.name || "This file"} could not be read.`);
  const link = make("a", file.is_picture ? "picture" : "file");
  link.target = "_blank";
  link.rel = "noopener";
  if (file.is_picture) {
    const picture = make("img");
    Object.assign(picture, { alt: file.name, width: 160, height: 120 });
    link.append(picture);
  } else {
    const name = make("bdi", "", file.name || "File");
    link.append(name, file.size ? ` ${size(file.size)}` : "");
  }
  setTimeout(fresh, mine ? FIRST_MS : 0, link, file, page, 0);
  // A link that has grown old is asked for again before anybody can follow it.
  for (const kind of ["pointerenter", "focus"]) link.addEventListener(kind, () => Date.now() - link.at > LINK_MS && fresh(link, file, page, TRIES));
  return link;
}

async function fresh(link, file, page, tries) {
  try {
    const told = await page.call(`/files/${file.id}`);
    link.href = told.url;
    link.at = Date.now();
    const picture = link.querySelector("img");
    if (picture && !picture.src) {
      const isLow = page.log.scrollHeight - page.log.scrollTop - page.log.clientHeight < 40;
      picture.addEventListener("load", () => isLow && (page.log.scrollTop = page.log.scrollHeight), { once: true });
      picture.src = told.thumbnail;
    }
  } catch {
    if (tries < TRIES) setTimeout(fresh, FIRST_MS * 2 ** tries, link, file, page, tries + 1);
  }
}

/** Send one file; a try that failed can be repeated and is still one message. */
export function send(file, page) {
  const { make, say } = page;
  if (file.size > LARGEST) return say(`${file.name} is larger than 10 MB.`);
  const line = make("div", "line mine waiting");
  line.append(make("span", "vh", "You"), make("p", "bubble", file.name), make("span", "time", "Sending"));
  page.shown.set(page.id, line);
  page.put(line);
  return hand(file, line, page);
}

async function hand(file, line, page) {
  const form = new FormData();
  form.append("client_id", page.id);
  form.append("file", file, file.name);
  const headers = { Accept: "application/json", Authorization: `Visitor ${page.kept.key}` };
  const answer = await fetch(`${page.base}/files`, { method: "POST", headers, body: form, credentials: "omit" }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  if (answer?.ok && told) {
    page.say("");
    page.draw(told);
    return;
  }
  const reason = told?.errors?.[0]?.message || told?.detail || "";
  page.say(reason);
  if (answer && answer.status >= 400 && answer.status < 429 && answer.status !== 408) {
    line.remove(); // it will not be taken another time either
    page.shown.delete(page.id);
    return;
  }
  line.classList.add("failed");
  const again = page.make("button", "again", "Not sent. Try again");
  again.type = "button";
  again.onclick = () => {
    again.remove();
    line.classList.remove("failed");
    hand(file, line, page);
  };
  line.append(again);
}
