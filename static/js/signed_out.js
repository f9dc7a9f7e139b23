// Pages for people who are not signed in: show the password, guess the time zone.
document.documentElement.classList.add("js");
for (const field of document.querySelectorAll("input[name=timezone][type=hidden]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-act=show-password]");
  if (!button) return;
  const field = document.getElementById(button.getAttribute("aria-controls")) || button.parentElement.querySelector("input");
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});
