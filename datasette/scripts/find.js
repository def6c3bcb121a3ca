// Names under the search field while one types. Without this script the field searches as always.
(() => {
  const field = document.getElementById("find");
  if (!field) return;
  const list = document.createElement("ul");
  list.id = "names";
  list.className = "names";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Names that begin so");
  field.after(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "names"], ["aria-expanded", "false"]]) {
    field.setAttribute(name, value);
  }
  let at = -1, turn = 0, wait = 0;
  const close = () => {
    turn += 1;
    at = -1;
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    const options = list.children;
    at = (next + options.length + 1) % (options.length + 1);  // one place more: the field itself
    for (let n = 0; n < options.length; n += 1) options[n].setAttribute("aria-selected", String(n === at));
    if (at < options.length) field.setAttribute("aria-activedescendant", options[at].id);
    else field.removeAttribute("aria-activedescendant");
  };
  const show = (names) => {
    list.replaceChildren(...names.map((one, n) => {
      const option = document.createElement("li"), what = document.createElement("span");
      option.id = "name-" + n;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = one.address;
      what.className = "n";
      what.textContent = one.what;
      option.append(one.name + " ", what);
      return option;
    }));
    at = names.length;
    list.hidden = !names.length;
    field.setAttribute("aria-expanded", String(names.length > 0));
  };
  field.addEventListener("input", () => {
    close();
    clearTimeout(wait);
    const typed = field.value.trim(), mine = turn;
    if (typed.length < 2 || typed.length > 80) return;
    wait = setTimeout(() => {
      fetch("/names.json?q=" + encodeURIComponent(typed))
        .then((answer) => (answer.ok ? answer.json() : { names: [] }))
        .then((found) => { if (mine === turn) show(found.names); })
        .catch(close);
    }, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(at === list.children.length ? 0 : at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && list.children[at]) location.assign(list.children[at].dataset.address);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());  // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) location.assign(option.dataset.address);
  });
  field.addEventListener("blur", close);
})();
